import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Starts the service over memory on a free port of this machine. @param {string} binary @param {{tokens: boolean}} options */
export async function start(binary, { tokens }) {
  const port = await freePort();
  const directory = mkdtempSync(path.join(tmpdir(), 'vivavoce-browser-'));
  const token = tokens ? randomBytes(24).toString('base64url') : undefined;
  const flags = ['--listen', `127.0.0.1:${port}`, '--store', 'memory:'];
  if (token) {
    const hash = createHash('sha256').update(token).digest('hex');
    writeFileSync(path.join(directory, 'key'), randomBytes(32).toString('base64'), { mode: 0o600 });
    writeFileSync(
      path.join(directory, 'tokens.toml'),
      `signing_key_file = "key"\n[[token]]\nname = "browser"\nhash = "${hash}"\nrole = "administrator"\ntenant = "browser"\n`,
      { mode: 0o600 },
    );
    flags.push('--tokens', path.join(directory, 'tokens.toml'), '--rate-limit', '100000');
  }
  const process_ = spawn(binary, flags, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(process_, 'exit');
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${url}health`).catch(() => null);
    if (answer?.ok) break;
    if (process_.exitCode !== null || tries > 100) throw new Error(`${binary} does not start`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    token,
    async stop() {
      process_.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
