import { setTimeout as sleep } from 'node:timers/promises';
import { startControlPlane } from './control-plane.ts';
import { startEchoAgent } from './echo-agent.ts';

/** What the process holds when all garbage is gone. */
export interface Held {
  readonly heapBytes: number;
  /** Sockets, timers, servers. */
  readonly handles: number;
}

/** How a test reaches the server that runs in a process of its own. */
export interface MeasuredServer {
  readonly port: number;
  readonly url: string;
  readonly pki: { readonly ca: string; readonly admin: { readonly cert: string; readonly key: string } };
}

const QUIET_MS = 200;

/** The whole of a process: an API server and an echoing agent, which measures itself when it is told to. Needs --expose-gc. */
async function main(): Promise<void> {
  const cleanUps: (() => unknown)[] = [];
  const { port, url, pki, ...plane } = await startControlPlane();
  await startEchoAgent({ teardown: (end) => void cleanUps.push(end) }, { port, url, pki, ...plane });
  process.on('message', (message) => void (message === 'measure' ? measure().then((held) => process.send?.(held)) : end()));
  process.send?.({ port, url, pki: { ca: pki.ca, admin: pki.admin } } satisfies MeasuredServer);

  async function end(): Promise<void> {
    for (const cleanUp of cleanUps) await cleanUp();
    await plane.stop();
    process.disconnect();
  }
}

async function measure(): Promise<Held> {
  // What is closed is let go of in several turns.
  for (let i = 0; i < 5; i++) {
    await sleep(QUIET_MS);
    globalThis.gc?.();
  }
  return { heapBytes: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length };
}

if (import.meta.main) await main();
