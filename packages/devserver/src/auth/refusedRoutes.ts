import { Hono, type Context } from 'hono';
import { AuthError } from './authError.ts';
import { assertAdmin, signedIn } from './bearer.ts';
import { bodyObject, optionalText } from './body.ts';
import type { AuthContext } from './context.ts';

/** What is asked for goes by mail. */
export function mailNotSent(): AuthError {
  return new AuthError(400, 'email_provider_disabled', 'The dev server sends no e-mail');
}

/**
 * The parts of Auth that need mail, text messages, other providers or a second factor, refused with the codes of a
 * project that has them disabled, so that an app can show what it would show there.
 */
export function refusedRoutes(context: AuthContext): Hono {
  const app = new Hono();
  const refuse = (error: AuthError) => () => Promise.reject(error);

  app.on('POST', ['/recover', '/magiclink'], refuse(mailNotSent()));
  app.on('POST', ['/otp', '/resend'], refuseMessage);
  app.get('/authorize', refuse(new AuthError(400, 'validation_failed', 'Unsupported provider: provider is not enabled')));
  app.post('/sso', refuse(new AuthError(404, 'saml_provider_disabled', 'SAML 2.0 is disabled')));

  const refuseSignedIn = (error: AuthError) => async (c: Context): Promise<Response> => {
    await signedIn(c, context);
    throw error;
  };
  app.get('/reauthenticate', refuseSignedIn(mailNotSent()));
  app.post('/factors', refuseSignedIn(new AuthError(422, 'mfa_totp_enroll_not_enabled', 'MFA enroll is disabled for TOTP')));
  app.get('/user/identities/authorize', refuseSignedIn(new AuthError(404, 'manual_linking_disabled', 'Manual linking is disabled')));
  app.post('/invite', async (c) => {
    await assertAdmin(c, context);
    throw mailNotSent();
  });
  return app;
}

/** Codes go by mail or by telephone. */
async function refuseMessage(c: Context): Promise<Response> {
  const phone = optionalText(await bodyObject(c), 'phone') ?? '';
  throw phone === '' ? mailNotSent() : new AuthError(400, 'phone_provider_disabled', 'Unsupported phone provider');
}
