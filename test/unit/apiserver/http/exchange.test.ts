import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { Http2Exchange } from '#apiserver/http/exchange.ts';

/** Answers each body with itself, and notes what happens to the server's end of the stream. */
async function echo(t: ExecutionContext): Promise<{ readonly session: ClientHttp2Session; readonly ended: Promise<readonly string[]> }> {
  const ended = Promise.withResolvers<readonly string[]>();
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, headers, _flags, rawHeaders: readonly string[]) => {
    const exchange = new Http2Exchange(stream, headers, rawHeaders);
    const happened: string[] = [];
    for (const event of ['end', 'finish', 'close']) stream.once(event, () => happened.push(event));
    stream.once('close', () => ended.resolve(happened));
    void exchange.body().then((bytes) => {
      exchange.start(200, {});
      exchange.output.end(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.teardown(() => {
    session.destroy();
    server.close();
  });
  return { session, ended: ended.promise };
}

for (const length of [1, 2, 1_000, 300_000]) {
  for (const isTold of [true, false]) {
    test(`a body of ${length} bytes whose length is ${isTold ? 'told' : 'not told'} is read whole, and its stream closes`, async (t) => {
      const { session, ended } = await echo(t);
      const bytes = Buffer.alloc(length, 'abc');
      const request = session.request({ ':method': 'POST', ...(isTold && { 'content-length': String(length) }) });
      // In two parts, so that the last one is not all there is.
      request.write(bytes.subarray(0, length >> 1));
      request.end(bytes.subarray(length >> 1));
      t.true((await buffer(request)).equals(bytes));
      const happened = await ended;
      t.is(happened.at(-1), 'close');
      // Else Node would leave what belongs to the stream to the collector.
      if (isTold) t.true(happened.includes('finish'));
    });
  }
}

test('an empty body is there at once', async (t) => {
  const { session, ended } = await echo(t);
  const request = session.request({ ':method': 'POST', 'content-length': '0' }).end();
  t.is((await buffer(request)).length, 0);
  t.is((await ended).at(-1), 'close');
});
