import { STATUS_CODES } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import { nodeRequest } from '../lib/nodeRequest.ts';
import { lasting } from './fault.ts';
import { parameter } from './parameters.ts';

const WHICH = {
  path: parameter.textOr('/', 'requests whose path begins with this, e.g. /rest/v1/notes'),
  method: parameter.text('requests with this method, e.g. POST'),
};

export const httpLatency = lasting({
  summary: 'delays HTTP requests before they are served, or their answers',
  parameters: { ...WHICH, part: parameter.oneOf(['request', 'answer'], 'what is late: an answer holds what was true when it was asked for'), ms: parameter.ms('delay'), jitterMs: parameter.msOr(0, 'up to this much more, by chance'), forMs: parameter.forMs },
  begin: ({ http }, { part, ms, jitterMs, ...which }, run) => {
    const waiting = new Set<() => void>();
    const wait = (): Promise<void> => {
      run.hit();
      return new Promise((resolve) => {
        waiting.add(resolve);
        run.timers.after(ms + run.random.next() * jitterMs, resolve);
      });
    };
    const remove = http.insert(async (context, next) => {
      const concerned = isWhich(context, which);
      if (concerned && part === 'request') await wait();
      await next();
      if (concerned && part === 'answer') await wait();
    });
    return () => {
      remove();
      for (const goOn of waiting) goOn();
    };
  },
});

export const failRequests = lasting({
  summary: 'answers HTTP requests with an error instead of serving them',
  parameters: {
    ...WHICH,
    status: parameter.statusOr(503, 'status'),
    body: parameter.anything('JSON of the answer; {"message": …} when left out'),
    probability: parameter.probability,
    count: parameter.count,
    forMs: parameter.forMs,
  },
  begin: ({ http }, { status, body, ...which }, run) =>
    http.insert((context, next) => {
      if (!isWhich(context, which) || !run.strikes()) return next();
      return Promise.resolve(Response.json(body ?? { message: STATUS_CODES[status] }, { status }));
    }),
});

export const loseResponses = lasting({
  summary: 'serves HTTP requests, then cuts the connection instead of answering: the client cannot know whether it was done',
  parameters: { ...WHICH, probability: parameter.probability, count: parameter.count, forMs: parameter.forMs },
  begin: ({ http }, which, run) =>
    http.insert(async (context, next) => {
      await next();
      if (!isWhich(context, which) || !run.strikes()) return;
      nodeRequest(context)?.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    }),
});

function isWhich({ req }: Context, { path, method }: { path: string; method: string | undefined }): boolean {
  // What a browser asks beforehand is not the request.
  return req.path.startsWith(path) && req.method !== 'OPTIONS' && (method === undefined || req.method === method.toUpperCase());
}
