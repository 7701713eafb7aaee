import { connect, type TLSSocket } from 'node:tls';
import type { ControlPlane } from './control-plane.ts';
import { waitFor } from './wait.ts';

/** The administrator's connection, on which a test writes what no client library would. */
export function rawConnection({ port, pki }: Pick<ControlPlane, 'port' | 'pki'>, protocol: 'http/1.1' | 'h2' = 'http/1.1'): TLSSocket {
  const socket = connect({ host: '127.0.0.1', port, ca: pki.ca, ...pki.admin, ALPNProtocols: [protocol] });
  socket.on('error', () => undefined);
  return socket;
}

/** All that the server sends until it is enough, or the connection ends. */
export async function readUntil(socket: TLSSocket, isEnough: (text: string) => boolean, timeoutMs = 30_000): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => void (text += chunk.toString('latin1')));
  return waitFor(() => (isEnough(text) || socket.destroyed || socket.readableEnded ? { text } : undefined), { what: 'the answer on a raw connection', timeoutMs }).then((all) => all.text);
}

/** The status codes of all answers. */
export const statusesIn = (text: string): readonly number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((m) => Number(m[1]));

export const FRAMES = { DATA: 0, HEADERS: 1, PRIORITY: 2, RST_STREAM: 3, SETTINGS: 4, PING: 6, GOAWAY: 7, WINDOW_UPDATE: 8, CONTINUATION: 9 } as const;
export const END_STREAM = 1;
export const END_HEADERS = 4;
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** RFC 9113, 4.1. */
export function frame(type: keyof typeof FRAMES, flags: number, streamId: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = FRAMES[type];
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** Its settings acknowledge nothing yet. */
export const HTTP2_START = Buffer.concat([PREFACE, frame('SETTINGS', 0, 0)]);

/** A request's header block in HPACK, without Huffman codes and indexing. */
export const headerBlock = (headers: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(Object.entries(headers).flatMap(([name, value]) => [Buffer.from([0x00]), literal(name), literal(value)]));

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([length7(bytes.length), bytes]);
}

/** RFC 7541, 5.1, with a prefix of seven bits. */
function length7(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const rest: number[] = [127];
  let left = value - 127;
  for (; left >= 128; left = Math.floor(left / 128)) rest.push((left % 128) + 128);
  return Buffer.from([...rest, left]);
}
