import { connect } from 'node:tls';
import test from 'ava';
import { WebSocket } from 'ws';
import { AuditLines, auditPolicy } from '#test/support/audit-lines.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { type EchoAgent, startEchoAgent } from '#test/support/echo-agent.ts';
import { https } from '#test/support/https.ts';
import { waitFor } from '#test/support/wait.ts';

const EXEC = '/api/v1/namespaces/default/pods/echo/exec?command=true&stdout=true';
const sink = new AuditLines();
const cleanUps: (() => unknown)[] = [];
let plane: ControlPlane;
let agent: EchoAgent;

test.before(async () => {
  plane = await startControlPlane({ audit: { policy: auditPolicy('Metadata'), sink } });
  agent = await startEchoAgent({ teardown: (end) => void cleanUps.push(end) }, plane);
});
test.after.always(async () => {
  for (const end of cleanUps) await end();
  await plane?.stop();
});

interface OpenOptions {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly isAnonymous?: boolean;
}

function open({ path = EXEC, headers = {}, isAnonymous = false }: OpenOptions = {}): WebSocket {
  const socket = new WebSocket(`${plane.url.replace('https', 'wss')}${path}`, ['v5.channel.k8s.io'], { ca: plane.pki.ca, ...(isAnonymous ? {} : plane.pki.admin), headers });
  socket.on('error', () => undefined);
  return socket;
}
const opened = (socket: WebSocket): Promise<void> => new Promise((resolve, reject) => void socket.once('open', resolve).once('error', reject));
/** The status of an answer that is no upgrade. */
const refused = (socket: WebSocket): Promise<{ readonly status: number; readonly retryAfter: string | undefined }> =>
  new Promise((resolve) => void socket.once('unexpected-response', (_, answer) => resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] })));
const eventsOf = (id: string): any[] => sink.events.filter((event) => event.auditID === id);
const metric = async (pattern: RegExp): Promise<number> => {
  const { text } = await https({ url: `${plane.url}/metrics`, ca: plane.pki.ca, ...plane.pki.admin });
  return Number(pattern.exec(text)?.[1] ?? 0);
};
const OPEN_EXECS = /^apiserver_longrunning_requests\{verb="CONNECT",[^}]*subresource="exec"[^}]*\} (\d+)$/m;

test.serial('an exec is recorded when it comes, when it starts and when it ends, and counted while it is open', async (t) => {
  const socket = open({ headers: { 'audit-id': 'exec-1', 'user-agent': 'test/1' } });
  await opened(socket);
  const answer = new Promise<string>((resolve) => void socket.once('message', (data: Buffer) => resolve(data.toString())));
  socket.send('hello');
  t.is(await answer, 'hello');
  t.deepEqual(eventsOf('exec-1').map((e) => [e.stage, e.responseStatus?.code]), [['RequestReceived', undefined], ['ResponseStarted', 101]]);
  t.is(await metric(OPEN_EXECS), 1);
  socket.close();
  const done = await waitFor(() => eventsOf('exec-1')[2], { what: 'the event of the end' });
  t.like(done, { stage: 'ResponseComplete', verb: 'get', userAgent: 'test/1', user: { username: 'kubernetes-admin' }, responseStatus: { code: 101 }, objectRef: { resource: 'pods', subresource: 'exec', namespace: 'default', name: 'echo' } });
  t.is(done.annotations['authorization.k8s.io/decision'], 'allow');
  t.is(await metric(OPEN_EXECS), 0);
  t.is(eventsOf('exec-1').length, 3);
});

test.serial('refused upgrades are recorded with their code', async (t) => {
  t.is((await refused(open({ headers: { 'audit-id': 'forbidden' }, isAnonymous: true }))).status, 403);
  t.is((await refused(open({ headers: { 'audit-id': 'unknown', authorization: 'Bearer nonsense' }, isAnonymous: true }))).status, 401);
  t.is((await refused(open({ headers: { 'audit-id': 'absent' }, path: EXEC.replace('/echo/', '/absent/') }))).status, 404);
  for (const [id, code, stage] of [['forbidden', 403, 'ResponseComplete'], ['unknown', 401, 'ResponseStarted'], ['absent', 404, 'ResponseComplete']] as const) {
    const done = await waitFor(() => eventsOf(id).find((e) => e.stage === stage), { what: `the event of ${id}` });
    t.is(done.responseStatus.code, code, id);
  }
  t.true((await metric(/^authentication_attempts\{result="failure"\} (\d+)$/m)) >= 1);
  t.true((await metric(/^apiserver_request_total\{verb="CONNECT",[^}]*subresource="exec"[^}]*code="403"\} (\d+)$/m)) >= 1);
});

test.serial('an upgrade holds a seat of its level until it is joined', async (t) => {
  const call = async (path: string, body: object): Promise<void> => {
    const answer = await plane.server.handle({ method: 'POST', path, body }, ADMIN);
    t.is(answer.status, 201, JSON.stringify(answer.body));
  };
  const flow = '/apis/flowcontrol.apiserver.k8s.io/v1';
  await call('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { metadata: { name: 'flooder' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'flooder' }] });
  await call(`${flow}/prioritylevelconfigurations`, { metadata: { name: 'one' }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: { type: 'Reject' } } } });
  const subjects = [{ kind: 'User', user: { name: 'flooder' } }];
  await call(`${flow}/flowschemas`, { metadata: { name: 'one' }, spec: { matchingPrecedence: 2, priorityLevelConfiguration: { name: 'one' }, rules: [{ subjects, resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['pods/exec'], namespaces: ['*'] }] }] } });
  await waitFor(async () => (await https({ url: `${plane.url}/metrics`, ca: plane.pki.ca, ...plane.pki.admin })).text.includes('priority_level="one"'), { what: 'the level' });
  const headers = { 'impersonate-user': 'flooder' };
  await waitFor(async () => {
    const probe = open({ headers });
    const isIn = await Promise.race([opened(probe).then(() => true), refused(probe).then(() => false)]);
    probe.terminate();
    return isIn;
  }, { what: 'the right of the user' });
  agent.isHeld = true;
  const first = open({ headers });
  await waitFor(() => agent.held.length === 1, { what: 'the first to reach the agent' });
  t.deepEqual(await refused(open({ headers })), { status: 429, retryAfter: '1' });
  agent.isHeld = false;
  agent.held.splice(0).forEach((join) => join());
  await opened(first);
  const second = open({ headers });
  await opened(second);
  first.terminate();
  second.terminate();
});

test.serial('a broken WebSocket handshake is answered and ended, and leaves nothing open', async (t) => {
  const { port, pki } = plane;
  const answerTo = (head: string): Promise<string> => new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca: pki.ca, ...pki.admin, ALPNProtocols: ['http/1.1'] });
    let text = '';
    socket.on('error', () => undefined).on('data', (data: Buffer) => void (text += data.toString())).once('close', () => resolve(text));
    socket.write(head);
  });
  const path = `GET ${EXEC} HTTP/1.1\r\nHost: x\r\n`;
  t.regex(await answerTo(`${path}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`), /^HTTP\/1\.1 400 /, 'no key');
  t.regex(await answerTo(`${path}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n`), /^HTTP\/1\.1 400 /, 'a bad key');
  t.regex(await answerTo(`${path}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 99\r\n\r\n`), /^HTTP\/1\.1 4\d\d /, 'an unknown version');
  t.regex(await answerTo(`${path}Connection: close\r\nUpgrade: websocket\r\n\r\n`), /^HTTP\/1\.1 400 [^]*Upgrade request required/, 'no Connection: Upgrade');
  await waitFor(() => agent.open.size === 0, { what: 'the agent\'s connections to end' });
  t.is(await metric(OPEN_EXECS), 0);
});
