import test from 'ava';
import type { Affinity, PodAffinityTerm } from '#api/generated/core/v1.ts';
import { interPodAffinityScore } from '#scheduler/plugins/inter-pod-affinity/inter-pod-affinity-score.ts';
import { interPodAffinity } from '#scheduler/plugins/inter-pod-affinity/inter-pod-affinity.ts';
import { buildInfo, buildNode } from '../builders.ts';
import { clusterWith, scores, verdicts } from './plugins-harness.ts';

const ZONE = 'topology.kubernetes.io/zone';
const nodes = ['a1', 'a2', 'b1'].map((name) => buildNode(name, { labels: { [ZONE]: name[0]! } }));
const near = (app: string, term: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({ topologyKey: ZONE, labelSelector: { matchLabels: { app } }, ...term });
const app = (name: string, affinity?: Affinity, namespace = 'default') =>
  buildInfo(name, { labels: { app: name }, namespace, spec: affinity ? { affinity } : {} });
const requires = (...terms: readonly PodAffinityTerm[]): Affinity => ({ podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } });
const avoids = (...terms: readonly PodAffinityTerm[]): Affinity => ({ podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } });

const NO_AFFINITY = "node(s) didn't match pod affinity rules";
const ANTI = "node(s) didn't match pod anti-affinity rules";
const EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules";

test('required affinity: only where the others are', (t) => {
  const cluster = clusterWith(nodes, { a1: [app('db')] });
  t.deepEqual(verdicts(interPodAffinity, app('web', requires(near('db'))), cluster), { a1: null, a2: null, b1: NO_AFFINITY });
});

test('the first pod of a group may go anywhere, one that waits for others may not', (t) => {
  const cluster = clusterWith(nodes, {});
  t.deepEqual(verdicts(interPodAffinity, app('web', requires(near('web'))), cluster), { a1: null, a2: null, b1: null });
  t.deepEqual(verdicts(interPodAffinity, app('web', requires(near('db'))), cluster), { a1: NO_AFFINITY, a2: NO_AFFINITY, b1: NO_AFFINITY });
});

test('required anti-affinity holds in both directions', (t) => {
  const cluster = clusterWith(nodes, { a1: [app('db')], b1: [app('hermit', avoids(near('web')))] });
  t.deepEqual(verdicts(interPodAffinity, app('cache', avoids(near('db'))), cluster), { a1: ANTI, a2: ANTI, b1: null });
  t.deepEqual(verdicts(interPodAffinity, app('web'), cluster), { a1: null, a2: null, b1: EXISTING });
});

test('terms see their own namespace, those named, and those selected', (t) => {
  const cluster = clusterWith(nodes, { a1: [app('db', undefined, 'data')] }, { namespaces: { data: { team: 'x' } } });
  const verdict = (term: Partial<PodAffinityTerm>) => verdicts(interPodAffinity, app('web', avoids(near('db', term))), cluster)['a1'];
  t.is(verdict({}), null);
  t.is(verdict({ namespaces: ['data'] }), ANTI);
  t.is(verdict({ namespaceSelector: { matchLabels: { team: 'x' } } }), ANTI);
  t.is(verdict({ namespaceSelector: { matchLabels: { team: 'y' } } }), null);
  t.is(verdict({ namespaceSelector: {} }), ANTI);
});

test('matchLabelKeys and mismatchLabelKeys compare with the own labels', (t) => {
  const versioned = (name: string, version: string, affinity?: Affinity) => buildInfo(name, { labels: { app: 'db', version }, spec: affinity ? { affinity } : {} });
  const cluster = clusterWith(nodes, { a1: [versioned('old', '1')] });
  t.is(verdicts(interPodAffinity, versioned('p', '2', avoids(near('db', { matchLabelKeys: ['version'] }))), cluster)['a1'], null);
  t.is(verdicts(interPodAffinity, versioned('p', '2', avoids(near('db', { mismatchLabelKeys: ['version'] }))), cluster)['a1'], ANTI);
});

test('preferences count in both directions', (t) => {
  const weighted = (weight: number, podAffinityTerm: PodAffinityTerm) => ({ weight, podAffinityTerm });
  const likes = { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [weighted(10, near('db'))] } };
  t.deepEqual(scores(interPodAffinityScore, app('web', likes), clusterWith(nodes, { a1: [app('db')] })), { a1: 100, a2: 100, b1: 0 });
  const dislikes = { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [weighted(10, near('web'))] } };
  t.deepEqual(scores(interPodAffinityScore, app('web'), clusterWith(nodes, { a1: [app('db', dislikes)] })), { a1: 0, a2: 0, b1: 100 });
  t.is(scores(interPodAffinityScore, app('web'), clusterWith(nodes, { a1: [app('db')] })), undefined);
});
