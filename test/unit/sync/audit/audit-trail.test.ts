import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { CONFIG_MAPS } from '#api/resources.ts';
import { readAuditTrail } from '#sync/audit/audit-trail.ts';

const directory = mkdtempSync(join(tmpdir(), 'headway-audit-'));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

const LIVE: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'shop', uid: 'u1' } };
const event = (user: string, options: { readonly at?: string; readonly namespace?: string; readonly manager?: string; readonly uid?: string; readonly code?: number } = {}): string => JSON.stringify({
  kind: 'Event', stage: 'ResponseComplete', verb: 'patch', user: { username: user }, userAgent: 'kubectl/v1.36', responseStatus: { code: options.code ?? 200 },
  requestURI: `/api/v1/namespaces/shop/configmaps/web${options.manager ? `?fieldManager=${options.manager}` : ''}`, objectRef: { resource: 'configmaps', namespace: options.namespace ?? 'shop', name: 'web', uid: options.uid ?? 'u1' },
  requestReceivedTimestamp: `${options.at ?? '2026-01-02T03:04:05.100'}000Z`, stageTimestamp: `${options.at ?? '2026-01-02T03:04:05.200'}000Z`,
});

const MANAGER = { name: 'kubectl-edit', operation: 'Update', time: '2026-01-02T03:04:05Z' };
for (const { name, lines, expected } of [
  { name: 'the write of that second by that manager', lines: [event('ada', { manager: 'kubectl-edit' }), event('eve', { manager: 'other' })], expected: 'ada' },
  { name: 'not one of another second', lines: [event('ada', { manager: 'kubectl-edit', at: '2026-01-02T03:04:07.000' })], expected: undefined },
  { name: 'not one of another namespace', lines: [event('ada', { manager: 'kubectl-edit', namespace: 'other' })], expected: undefined },
  { name: 'not one of an object of the same name before', lines: [event('ada', { manager: 'kubectl-edit', uid: 'u0' })], expected: undefined },
  { name: 'not one that was refused', lines: [event('ada', { manager: 'kubectl-edit', code: 403 })], expected: undefined },
  { name: 'nobody when two did', lines: [event('ada', { manager: 'kubectl-edit' }), event('eve', { manager: 'kubectl-edit' })], expected: undefined },
  { name: 'not a line that is cut off', lines: ['{"web"', event('ada', { manager: 'kubectl-edit' })], expected: 'ada' },
]) {
  test(`the user behind a manager: ${name}`, async (t) => {
    const file = join(directory, `${name.replaceAll(/\W/g, '-')}.log`);
    writeFileSync(file, lines.join('\n'));
    t.is((await readAuditTrail(file, CONFIG_MAPS, LIVE))?.userOf(LIVE, MANAGER), expected);
  });
}

test('the name before the slash of the user agent is the manager of who names none; a log that is not there is none', async (t) => {
  const file = join(directory, 'agent.log');
  writeFileSync(file, event('ada'));
  t.is((await readAuditTrail(file, CONFIG_MAPS, LIVE))?.userOf(LIVE, { ...MANAGER, name: 'kubectl' }), 'ada');
  t.is(await readAuditTrail(join(directory, 'none.log'), CONFIG_MAPS, LIVE), undefined);
});
