import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { TextAnswer } from '../paths.ts';

/** For texts that the server keeps: they take a tenth of the memory, and nearly all clients take them as they are. */
export const pack: (text: Buffer | string) => Promise<Buffer> = promisify(gzip);
export const unpack: (packed: Buffer | string) => Promise<Buffer> = promisify(gunzip);

/** What a client without gzip gets. */
export const unpacked = async ({ body, isPacked }: TextAnswer): Promise<Buffer> => (isPacked ? unpack(body) : Buffer.from(body));
