import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIXTURE } from './restFixture.ts';
import { startRestServer, type RestServer } from './restServer.ts';

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer(FIXTURE);
}, 60_000);
afterAll(() => server.close());

describe('smoke', () => {
  it('reads', async () => {
    const reply = await server.service.from('books').select('*');
    console.log(JSON.stringify(reply));
    expect(reply.error).toBeNull();
  });
});
