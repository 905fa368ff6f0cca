import type { MiddlewareHandler } from 'hono';
import { Seam } from '../realtime/seams.ts';

/** Where faults step between the gateway and the APIs behind it. */
export type HttpSeam = Seam<MiddlewareHandler>;

export function createHttpSeam(): HttpSeam {
  return new Seam();
}

/** The seam as a middleware: with nobody in it, it only passes on. */
export function throughSeam(seam: HttpSeam): MiddlewareHandler {
  return (context, next) => {
    const { steps } = seam;
    if (steps === null) return next();
    const from = async (index: number): Promise<Response | undefined> => {
      const step = steps[index];
      if (step === undefined) {
        await next();
        return undefined;
      }
      const response = await step(context, async () => {
        const inner = await from(index + 1);
        if (inner !== undefined) context.res = inner;
      });
      return response ?? undefined;
    };
    return from(0);
  };
}
