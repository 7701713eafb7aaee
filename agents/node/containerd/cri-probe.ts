import { credentials, Client } from '@grpc/grpc-js';
import type { Clock } from '#base/clock.ts';

const CALL_TIMEOUT_MS = 2000;

/** Resolves to whether the CRI plugin behind the socket answered within `timeoutMs`; `shouldStop` ends the wait early. */
export async function waitForCri(socketPath: string, clock: Clock, timeoutMs: number, shouldStop: () => boolean = () => false): Promise<boolean> {
  const deadline = clock.monotonic() + timeoutMs;
  while (!shouldStop()) {
    if (await answersCri(socketPath)) return true;
    if (clock.monotonic() >= deadline) return false;
    await clock.sleep(10);
  }
  return false;
}

/** One `Version` call. The messages are empty on the way there and not looked at on the way back: no codec is needed. */
export function answersCri(socketPath: string): Promise<boolean> {
  const client = new Client(`unix://${socketPath}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const same = (bytes: Buffer): Buffer => bytes;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  client.makeUnaryRequest('/runtime.v1.RuntimeService/Version', same, same, Buffer.alloc(0), { deadline: Date.now() + CALL_TIMEOUT_MS }, (error) => resolve(!error));
  return promise.finally(() => client.close());
}
