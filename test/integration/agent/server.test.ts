import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import test from 'ava';
import { WebSocket } from 'ws';
import { PODS } from '#api/resources.ts';
import { FOREVER, isReady, podOf, shell, startNode } from '#test/support/node.ts';
import { waitFor } from '#test/support/wait.ts';
import { SpdyDecoder, SpdyEncoder } from '#agents/node/server/spdy.ts';

let node: Awaited<ReturnType<typeof startNode>>;
test.before(async () => {
  node = await startNode({ network: true });
  await node.start();
  await node.api.create(PODS, podOf('talk', { main: {
    ...shell(`for i in 1 2 3; do echo line $i; done; echo error >&2; httpd -p 8080 -h /etc; ${FOREVER}`), readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  } }, { hostNetwork: false }));
  await node.until('talk', 'is ready', isReady);
});
test.after.always(() => node?.close());

function get(path: string, who = node.pki.caller, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ host: '127.0.0.1', port: node.agentPort, path, ca: node.pki.ca, cert: who.cert, key: who.key, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      }).on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('error', reject).end();
  });
}

interface Session {
  readonly channels: readonly string[];
  readonly code: number;
}

/** Runs a command as kubectl does, over WebSocket. `stdin` is sent and closed. */
function exec(query: string, stdin?: Buffer): Promise<Session> {
  const url = `wss://127.0.0.1:${node.agentPort}/exec/default/talk/main?${query}`;
  const socket = new WebSocket(url, ['v5.channel.k8s.io'], { ca: node.pki.ca, ...node.pki.caller });
  const channels = ['', '', '', '', ''];
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      if (!stdin) return;
      socket.send(Buffer.concat([Buffer.from([0]), stdin]));
      socket.send(Buffer.from([255, 0]));
    });
    socket.on('message', (data: Buffer) => {
      channels[data[0] ?? 0] += data.subarray(1).toString();
    });
    socket.on('close', (code) => resolve({ channels, code })).on('error', reject);
  });
}

test('only the API server may ask', async (t) => {
  t.is((await get('/healthz')).status, 200);
  t.is((await get('/healthz', node.pki.stranger)).status, 403);
});

test('logs: all, the tail, limits, times, and names that do not exist', async (t) => {
  const log = '/containerLogs/default/talk/main';
  await waitFor(async () => (await get(log)).body.includes('error'), { what: 'all lines are there' });
  t.deepEqual((await get(log)).body.trimEnd().split('\n').toSorted(), ['error', 'line 1', 'line 2', 'line 3']);
  t.is((await get(`${log}?tailLines=1`)).body.split('\n').length, 2);
  t.is((await get(`${log}?limitBytes=4`)).body.length, 4);
  t.regex((await get(`${log}?timestamps=true&tailLines=1`)).body, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z /);
  t.is((await get('/containerLogs/default/none/main')).status, 404);
  t.is((await get(`${log}?previous=true`)).status, 400);
});

test('what has not started, and what has ended, gives no log or takes no command, and says why', async (t) => {
  await node.api.create(PODS, podOf('absent', { main: { image: 'headway.local/absent:1', imagePullPolicy: 'Never' } }));
  await node.api.create(PODS, podOf('ended', { main: shell('true') }, { restartPolicy: 'Never' }));
  await node.until('absent', 'waits', (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImageNeverPull');
  await node.until('ended', 'ended', (pod) => pod.status?.phase === 'Succeeded');
  t.deepEqual(await get('/containerLogs/default/absent/main'), { status: 400, body: 'container "main" in pod "absent" is waiting to start: ErrImageNeverPull' });
  t.deepEqual(await get('/containerLogs/default/absent/main?previous=true'), { status: 400, body: 'previous terminated container "main" in pod "absent" not found' });
  for (const path of ['/exec/default/absent/main?output=1&command=true', '/exec/default/ended/main?output=1&command=true', '/attach/default/ended/main?output=1']) {
    t.deepEqual(await get(path, node.pki.caller, { connection: 'Upgrade', upgrade: 'SPDY/3.1' }), { status: 404, body: 'container not found ("main")' }, path);
  }
});

test('exec over WebSocket: output, errors, input and the exit status', async (t) => {
  const ok = await exec('command=/bin/sh&command=-c&command=echo out; echo err >%262&output=1&error=1');
  t.deepEqual(ok.channels.slice(1, 3), ['out\n', 'err\n']);
  t.is(JSON.parse(ok.channels[3] ?? '').status, 'Success');
  const failed = await exec('command=/bin/sh&command=-c&command=exit 7&output=1&error=1');
  t.is(JSON.parse(failed.channels[3] ?? '').details.causes[0].message, '7');
  const big = Buffer.alloc(300_000, 'x');
  const echoed = await exec('command=/bin/cat&input=1&output=1', big);
  t.is(echoed.channels[1]?.length, big.length);
  t.is(echoed.code, 1000);
});

test('port-forward: SPDY frames through a WebSocket reach the pod', async (t) => {
  const url = `wss://127.0.0.1:${node.agentPort}/portForward/default/talk?port=8080`;
  const socket = new WebSocket(url, ['v2.portforward.k8s.io'], { ca: node.pki.ca, ...node.pki.caller });
  const encoder = new SpdyEncoder();
  const decoder = new SpdyDecoder();
  let answer = '';
  socket.on('message', (data: Buffer) => {
    for (const frame of decoder.push(data)) if (frame.type === 'data' && frame.streamId === 3) answer += frame.data.toString();
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send(encoder.synStream(1, { streamtype: 'error', port: '8080', requestid: '0' }));
  socket.send(encoder.synStream(3, { streamtype: 'data', port: '8080', requestid: '0' }));
  socket.send(encoder.data(3, Buffer.from('GET /passwd HTTP/1.0\r\n\r\n')));
  await waitFor(() => answer.includes('root:x:0:0'), { what: 'the pod answers' });
  socket.terminate();
  t.true(answer.includes('root:x:0:0'));
});

test('a pod has its own address, and is probed there', async (t) => {
  const { podIP = '' } = node.pod('talk')?.status ?? {};
  t.regex(podIP, /^10\.235\./);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(8080, podIP, () => {
      socket.destroy();
      resolve();
    }).on('error', reject);
  });
});
