import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { NAMESPACES } from '#api/resources.ts';
import { Api } from './api.ts';
import { type Codec, JSON_CODEC } from './codec.ts';
import { protobufCodec } from './protobuf-codec.ts';
import { Connection } from './connection.ts';
import { startServer, type Server } from '#test/support/server.ts';

/** What a behaviour's test works with. */
export interface Scene {
  readonly t: ExecutionContext;
  readonly api: Api;
  readonly server: Server;
  /** Made for this test, and deleted after it. */
  readonly namespace: string;
  /** A name that no other test uses: `<base>-<random>`. */
  unique(base: string): string;
}

const CODECS: readonly Codec[] = [JSON_CODEC, protobufCodec()];
/** Long enough for a machine that is busy, with all of a file at once and the start of its server; every wait inside has its own deadline. */
const TIMEOUT_MS = 240_000;

/** One server for all behaviours of a file, started with the first. */
let running: Promise<Server> | undefined;
test.after.always(async () => {
  await (await running)?.stop();
});

/** Registers the test of one behaviour, once for each encoding, under the name that it has in Kubernetes' conformance suite. */
export function behaviour(name: string, run: (scene: Scene) => Promise<void>): void {
  for (const codec of CODECS) {
    test(`${name} in ${codec.encoding}`, async (t) => {
      t.timeout(TIMEOUT_MS);
      running ??= startServer();
      const server = await running;
      const connection = new Connection(server);
      t.teardown(() => connection.close());
      const api = new Api(connection, codec);
      const namespace = unique('conformance');
      await api.create(NAMESPACES, { metadata: { name: namespace } });
      t.teardown(() => api.delete(NAMESPACES, namespace));
      await run({ t, api, server, namespace, unique });
    });
  }
}

const unique = (base: string): string => `${base}-${randomBytes(4).toString('hex')}`;
