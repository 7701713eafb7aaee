import test from 'ava';
import { PODS } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Auditor } from '#apiserver/audit/auditor.ts';
import { BOOTSTRAP_LEVELS, BOOTSTRAP_SCHEMAS } from '#apiserver/flowcontrol/bootstrap-objects.ts';
import { FlowControl } from '#apiserver/flowcontrol/flow-control.ts';
import type { RequestInfo } from '#apiserver/request-info.ts';
import { Requests } from '#apiserver/requests/requests.ts';
import { AuditLines, auditPolicy } from '#test/support/audit-lines.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const info: RequestInfo = { type: 'resource', path: '', verb: 'get', resource: PODS, subresource: '', namespace: 'default', name: 'a' };
const user = { name: 'ada', groups: [] };

/** What the audit log says of a request in its last line. */
async function recorded(ms: number, isLongRunning: boolean) {
  const clock = new ManualClock(1_000);
  const sink = new AuditLines();
  const requests = new Requests({ clock, cache: { list: () => ({ items: [], remaining: 0 }) as never }, flow: new FlowControl({ clock }), auditor: new Auditor({ policy: auditPolicy('Metadata'), sink, schema: loadSchema(), now: () => clock.now() }) });
  const request = requests.begin({ method: 'GET', userAgent: 'test', uri: () => '/', sourceIps: () => [] });
  requests.identified(request, { authenticated: user, user, info }, true);
  if (isLongRunning) requests.longRunning(request);
  await clock.advance(ms);
  requests.finish(request);
  return sink.events.at(-1).annotations;
}

for (const { what, ms, isLongRunning = false, told } of [
  { what: 'of a slow request how long it took', ms: 1_250, told: { 'apiserver.latency.k8s.io/total': '1.25s' } },
  { what: 'nothing of one that took half a second', ms: 500, told: undefined },
  { what: 'nothing of one that lasts', ms: 60_000, isLongRunning: true, told: undefined },
]) {
  test(`the audit log tells ${what}`, async (t) => t.deepEqual(await recorded(ms, isLongRunning), told));
}

test('what somebody asks for who is not let in is looked up only where it is recorded', async (t) => {
  const clock = new ManualClock(1_000);
  const sink = new AuditLines();
  const auditor = new Auditor({ policy: auditPolicy('Metadata'), sink, schema: loadSchema(), now: () => clock.now() });
  for (const options of [{}, { auditor }]) {
    const requests = new Requests({ clock, cache: { list: () => ({ items: [], remaining: 0 }) as never }, flow: new FlowControl({ clock }), ...options });
    const request = requests.begin({ method: 'GET', userAgent: 'test', uri: () => '/', sourceIps: () => [] });
    let lookUps = 0;
    await requests.unauthenticated(request, () => Promise.resolve((lookUps += 1)).then(() => info), () => 'no credentials');
    t.is(lookUps, 'auditor' in options ? 1 : 0);
  }
  t.like(sink.events, [{ objectRef: { name: 'a' } }]);
});

const UIDS = ['x-kubernetes-pf-flowschema-uid', 'x-kubernetes-pf-prioritylevel-uid'] as const;

test('who is refused a seat is told for which schema and level, as who gets one', (t) => {
  const clock = new ManualClock(1_000);
  const flow = new FlowControl({ clock, totalSeats: 1 });
  const withUid = <T extends { readonly metadata: { readonly name: string } }>(object: T): T => ({ ...object, metadata: { ...object.metadata, uid: `uid of ${object.metadata.name}` } });
  // Nothing to borrow.
  const levels = BOOTSTRAP_LEVELS.map(({ spec, ...level }) => ({ ...level, spec: spec.limited ? { ...spec, limited: { ...spec.limited, lendablePercent: 0 } } : spec }));
  flow.configure(BOOTSTRAP_SCHEMAS.map(withUid), levels.map(withUid));
  const requests = new Requests({ clock, cache: { list: () => ({ items: [], remaining: 0 }) as never }, flow });
  const admitted = () => {
    const request = requests.begin({ method: 'GET', userAgent: 'test', uri: () => '/', sourceIps: () => [] });
    requests.identified(request, { authenticated: user, user, info }, true);
    const headers: Record<string, unknown> = {};
    try {
      void requests.admit(request, {});
      return { isRefused: false, headers };
    } catch {
      return { isRefused: true, headers };
    } finally {
      request.addHeaders(headers);
    }
  };
  for (const isRefused of [false, true]) {
    const told = admitted();
    t.is(told.isRefused, isRefused);
    t.deepEqual(UIDS.map((name) => told.headers[name]), ['uid of catch-all', 'uid of catch-all']);
  }
});
