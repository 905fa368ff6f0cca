import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bold, dim, duration, say } from './console.mjs';
import { freePort } from './ports.mjs';
import { ROOT, ended, launch } from './processes.mjs';

const HELP = `npm start [-- options]   starts the local backend and the demo
  --port N        port of the backend   (default 54321; the next free one when it is taken)
  --demo-port N   port of the demo      (default 5173; the next free one when it is taken)
  --reset         begin with a fresh database
  --open          open the demo in the browser of this machine`;

const OPTIONS = {
  port: { type: 'string', default: '54321' },
  'demo-port': { type: 'string', default: '5173' },
  reset: { type: 'boolean', default: false },
  open: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
};

/** How long a child may take to end by itself after Ctrl-C. */
const GRACE_MS = 5000;

/** The accounts that supabase/seed.sql makes, and what to try as whom. */
const ACCOUNTS = [
  ['admin@ruwad.example', 'sees everything: dashboard, statistics, administration'],
  ['sara@ruwad.example', 'an innovator with ideas of her own'],
  ['omar@ruwad.example', 'an innovator: sign in as him in a second tab'],
  ['layla@ruwad.example', 'a domain expert'],
];
const PASSWORD = 'ruwad-demo';

/** Starts the backend and the demo, prints where they are, and runs until Ctrl-C or until one of them ends. */
export async function start(args, bootstrap) {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) return console.log(HELP), 0;
  const began = Date.now();
  await bootstrap();
  return withChildren((children) => serve(values, children, began));
}

async function serve(values, children, began) {
  const port = await chosenPort('backend', values.port);
  const backendUrl = `http://127.0.0.1:${port}`;
  say(`starting the backend ${dim('(the first start creates its database)')}`);
  await children.startUntilAnswering('backend', process.execPath, [...fromSource(), '--port', String(port), ...(values.reset ? ['--reset'] : [])], `${backendUrl}/health`);

  say('starting the demo');
  const demoPort = await chosenPort('demo', values['demo-port']);
  const demoUrl = `http://127.0.0.1:${demoPort}`;
  const vite = ['--config', 'vite.config.ts', '--host', '127.0.0.1', '--port', String(demoPort), '--strictPort', '--logLevel', 'warn', ...(values.open ? ['--open'] : [])];
  const env = { ...process.env, VITE_SUPABASE_URL: backendUrl };
  await children.startUntilAnswering('demo', 'vite', vite, demoUrl, { cwd: `${ROOT}apps/demo`, env });

  announce(backendUrl, demoUrl, Date.now() - began);
  return children.firstEnd();
}

/** Node's arguments that run the dev server's CLI from its sources, so that a start needs no build. */
function fromSource() {
  const folder = join(ROOT, 'packages', 'devserver');
  const tsx = createRequire(join(folder, 'package.json')).resolve('tsx');
  return ['--conditions=@ruwad/source', '--import', pathToFileURL(tsx).href, join(folder, 'src', 'cli.ts')];
}

async function chosenPort(what, wanted) {
  const number = Number(wanted);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new Error(`"${wanted}" is not a port: give a number from 1 to 65535.`);
  const port = await freePort(number);
  if (port !== number) say(`port ${number} is taken: the ${what} uses ${port}`);
  return port;
}

function announce(backendUrl, demoUrl, ms) {
  console.log(`
  ${bold('Ruwād Realtime is running')} ${dim(`(ready in ${duration(ms)})`)}

  Demo      ${bold(demoUrl)}
  Backend   ${backendUrl}

  Sign in as one of these people, password ${bold(PASSWORD)}; a second tab can be somebody else:
${ACCOUNTS.map(([email, what]) => `    ${email.padEnd(22)} ${dim(what)}`).join('\n')}

  Ctrl-C stops both.
`);
}

/** Runs `body` with a set of child processes, none of which outlives it, whatever ends it. */
async function withChildren(body) {
  const running = new Map();
  const ends = [];
  let stopping = false;
  const children = {
    async startUntilAnswering(name, command, args, url, options) {
      if (stopping) return;
      const child = launch(command, args, options);
      const end = ended(child).then((code) => {
        running.delete(name);
        return { name, code };
      });
      running.set(name, { child, end });
      ends.push(end);
      await answering(url, end, () => stopping);
    },
    async firstEnd() {
      const { name, code } = await Promise.race(ends);
      if (stopping) return 0;
      throw new Error(`the ${name} ended with code ${code}; its output above says why.`);
    },
  };
  const stop = async () => {
    stopping = true;
    const all = [...running.values()];
    for (const { child } of all) child.kill('SIGTERM');
    const hard = setTimeout(() => all.forEach(({ child }) => child.kill('SIGKILL')), GRACE_MS);
    await Promise.all(all.map(({ end }) => end));
    clearTimeout(hard);
  };
  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(0));
  });
  try {
    return await Promise.race([body(children), interrupted]);
  } finally {
    await stop();
  }
}

/** Waits until a server answers at all; throws when its process ends first. */
async function answering(url, end, stopping) {
  let gone = null;
  void end.then((result) => (gone = result));
  while (!(await fetch(url).then(() => true, () => false))) {
    if (stopping()) return;
    if (gone) throw new Error(`the ${gone.name} ended with code ${gone.code}; its output above says why.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
