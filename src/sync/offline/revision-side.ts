import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import { decodeObject } from '#api/decode.ts';
import { applyDefaults } from '#api/defaults/index.ts';
import type { Repository } from '#api/headway/v1/types.ts';
import { keyOf, type KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES, CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import type { Schema } from '#api/schema.ts';
import { isStatus } from '#api/status-error.ts';
import type { RuleCompiler } from '#api/structural/custom-schema.ts';
import { validateCustomResourceDefinition } from '#api/structural/definition/validate-definition.ts';
import type { PublishedCharts } from './application-source.ts';
import type { Side } from './compare-application.ts';
import { customKinds } from './custom-kinds.ts';
import type { DeclaredObject } from './declare.ts';
import { ObjectRules } from './object-rules.ts';
import { PolicySet, type Placed } from './policy-set.ts';
import type { ApplicationRenderer } from './render-application.ts';
import type { RevisionFiles } from './revision-files.ts';
import type { Survey, SurveyedApplication } from './survey.ts';

export interface SideOptions {
  readonly files: RevisionFiles;
  readonly survey: Survey;
  readonly renderer: ApplicationRenderer;
  readonly charts: PublishedCharts | undefined;
  readonly schema: Schema;
  readonly rules: RuleCompiler;
  /** Definitions that the cluster has. */
  readonly definitions: readonly (CustomResourceDefinition & KubeObject)[];
  /** Folder of policies that are in force whether an application applies them or not; tests of theirs are left out. */
  readonly policies: string;
  /** Files that may declare an object of one of these kinds. */
  readonly search: (kinds: ReadonlySet<string>) => Promise<ReadonlySet<string>>;
}

export interface RevisionSide extends Side, Pick<Survey, 'applications' | 'sets'> {
  /** What the plan cannot judge. */
  readonly notes: readonly string[];
}

/** Owns the folder's files for {@link ApplicationRenderer}; never planned itself. */
const POLICY_READER = { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'policies' } } as const;

/** What is in force at one of the two revisions: kinds, policies and what configures them, namespaces. */
export async function revisionSide(options: SideOptions): Promise<RevisionSide> {
  const { survey, schema, rules, charts } = options;
  const here = Promise.resolve({ renderer: options.renderer, files: options.files });
  const chartOf = (name: string): Repository | undefined => survey.applications.get(name)?.chart;
  const definitions = [...options.definitions, ...definitionsAmong(survey.objects, options)];
  const scheme = new Scheme([...BUILT_IN_RESOURCES, ...definitions.flatMap((definition) => customKinds(definition, { facts: schema, rules }))]);
  const own = await policyFiles(options, scheme);
  const declared = [...survey.objects, ...own].flatMap((object) => settled(object, schema));
  const kinds = paramKinds(declared);
  const params = kinds.size === 0 ? [] : [...own, ...(await paramObjects(options, kinds, scheme))].map(({ object }) => object);
  const policies = new PolicySet({ policies: once(declared.filter(({ object }) => object.apiVersion.startsWith('admissionregistration.k8s.io/'))), params, scheme });
  const namespaces = new Map(declared.filter(({ object }) => object.kind === 'Namespace').map(({ object }) => [object.metadata.name, object]));
  return {
    files: options.files, scheme, applications: survey.applications, sets: survey.sets, projects: survey.projects, rules: new ObjectRules({ schema, scheme, rules, policies, namespaces }),
    chartOf,
    sourceOf(name) {
      const chart = chartOf(name);
      return chart && charts ? charts.source(chart) : here;
    },
    notes: [...survey.notes, ...policies.skipped.map(({ object, path, line }) => `${object.kind} ${object.metadata.name} (${path}:${line}) asks the cluster's authorizer and is not evaluated`)],
  };
}

/** Those that the API would accept; what is wrong with others is told when they are checked. */
function definitionsAmong(objects: readonly DeclaredObject[], { schema: facts, rules }: SideOptions): readonly (CustomResourceDefinition & KubeObject)[] {
  return objects.filter(({ resource }) => resource === CUSTOM_RESOURCE_DEFINITIONS).flatMap((object) => settled(object, facts))
    .map(({ object }) => object as CustomResourceDefinition & KubeObject)
    .filter((definition) => validateCustomResourceDefinition(definition, undefined, { facts, rules }).length === 0);
}

function settled({ resource, object, source: { path, line } }: DeclaredObject, schema: Schema): readonly Placed[] {
  try {
    return [{ object: applyDefaults(resource, decodeObject(schema, resource, object, { fieldValidation: 'Ignore' }).object), path, line }];
  } catch (error) {
    if (isStatus(error, 'BadRequest')) return [];
    throw error;
  }
}

async function policyFiles({ files, renderer, policies: folder }: SideOptions, scheme: Scheme): Promise<readonly DeclaredObject[]> {
  if (folder === '' || !files.hasFolder(folder)) return [];
  const application = { ...POLICY_READER, spec: { repository: '', path: folder, render: { type: 'Plain' } } } as const;
  const { objects } = await renderer.render({ application, files, scheme, reads: (path) => !path.slice(folder.length).split('/').includes('testdata') });
  return objects;
}

const paramKinds = (objects: readonly Placed[]): ReadonlySet<string> =>
  new Set(objects.flatMap(({ object }) => {
    const { paramKind } = (object as { readonly spec?: { readonly paramKind?: { readonly kind?: string } } }).spec ?? {};
    return paramKind?.kind ? [paramKind.kind] : [];
  }));

async function paramObjects({ files, renderer, search, survey }: SideOptions, kinds: ReadonlySet<string>, scheme: Scheme): Promise<readonly DeclaredObject[]> {
  const candidates = await search(kinds);
  const declared = await Promise.all(ownApplications(survey).map(({ application }) => renderer.render({ application, files, scheme, reads: (path) => candidates.has(path) })));
  return declared.flatMap(({ objects }) => objects).filter(({ object }) => kinds.has(object.kind));
}

/** A policy may stand in the policies' folder and be applied from there. */
function once(placed: readonly Placed[]): readonly Placed[] {
  return [...new Map(placed.map((policy) => [`${policy.object.kind}/${policy.object.metadata.name}`, policy])).values()];
}

/** Those of published charts have no files here. */
const ownApplications = ({ applications }: Pick<Survey, 'applications'>): readonly SurveyedApplication[] => [...applications.values()].filter(({ chart }) => !chart);

/** Objects of other files that may name what changes: their own duplicates, and workloads that read a configuration. */
export async function objectsIn(side: RevisionSide, candidates: ReadonlySet<string>, renderer: ApplicationRenderer): Promise<readonly { readonly application: string; readonly object: DeclaredObject }[]> {
  if (candidates.size === 0) return [];
  const found = await Promise.all(ownApplications(side).map(async ({ application }) => {
    const { objects } = await renderer.render({ application, files: side.files, scheme: side.scheme, reads: (path) => candidates.has(path) });
    return objects.map((object) => ({ application: keyOf(application), object }));
  }));
  return found.flat();
}
