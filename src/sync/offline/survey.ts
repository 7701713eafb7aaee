import type { ApplicationSet, Application, Project, Repository } from '#api/headway/v1/types.ts';
import { decodeObject } from '#api/decode.ts';
import { joinKey, keyOf, type KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { APPLICATIONS, APPLICATION_SETS, PROJECTS, REPOSITORIES } from '#api/resources.ts';
import type { Schema } from '#api/schema.ts';
import type { Scheme } from '#api/scheme.ts';
import { isStatus } from '#api/status-error.ts';
import type { DeclaredObject } from './declare.ts';
import { DeclaredProjects } from './project-check.ts';
import type { ApplicationRenderer } from './render-application.ts';
import type { RevisionFiles } from './revision-files.ts';

/** Kinds that decide what other objects mean: which applications there are, which kinds, and what is in force for whom. */
export const CONTEXT_KINDS: ReadonlySet<string> = new Set([
  'Application', 'ApplicationSet', 'Repository', 'Project', 'CustomResourceDefinition', 'Namespace',
  'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding',
]);
/** Applications that make applications: a repository that nests deeper does not end. */
const MAX_DEPTH = 20;

export interface SurveyedApplication {
  readonly application: Application;
  /** Where it is declared; undefined for the root, which `headway up` makes. */
  readonly place: { readonly path: string; readonly line: number } | undefined;
  /** The published chart that it follows, which is not looked through for further Applications. Undefined: it follows this repository. */
  readonly chart?: Repository | undefined;
}

/** The applications of a commit, and the objects of {@link CONTEXT_KINDS}, found from the root application on. */
export interface Survey {
  /** By `<namespace>/<name>`. */
  readonly applications: ReadonlyMap<string, SurveyedApplication>;
  /** By `<namespace>/<name>`. */
  readonly sets: ReadonlyMap<string, ApplicationSet>;
  readonly objects: readonly DeclaredObject[];
  readonly projects: DeclaredProjects;
  /** What could not be followed, and why. */
  readonly notes: readonly string[];
}

/** Why an Application is not planned from this repository, if so. */
export type Excuse = (application: Pick<Application, 'spec'>, repository: Repository | undefined) => string | undefined;

/** The commit that generators read. */
export interface SetSource {
  readonly revision: string;
  /** Why a Repository of the set's namespace is not this one, if so. */
  problemOf(repository: string): string | undefined;
}

/** The Applications that a set would make at a commit, and why some cannot be said. */
export type ExpandSet = (set: ApplicationSet, source: SetSource) => Promise<{ readonly applications: readonly Application[]; readonly problems: readonly string[] }>;

export interface SurveyRequest {
  readonly root: Application;
  readonly files: RevisionFiles;
  /** Files that may hold an object of {@link CONTEXT_KINDS}; no others are read. */
  readonly candidates: ReadonlySet<string>;
  readonly scheme: Scheme;
  readonly schema: Schema;
  readonly renderer: ApplicationRenderer;
  readonly excuse: Excuse;
  /** Whether Applications of published charts are planned, too. */
  readonly hasCharts: boolean;
  readonly expand: ExpandSet;
}

export async function surveyRevision(request: SurveyRequest): Promise<Survey> {
  const applications = new Map<string, SurveyedApplication>();
  const repositories = new Map<string, Repository>();
  const objects: DeclaredObject[] = [];
  const notes: string[] = [];
  let level: readonly SurveyedApplication[] = [{ application: request.root, place: undefined }];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MAX_DEPTH) {
      notes.push(`applications are nested more than ${MAX_DEPTH} deep; ${level.map(({ application }) => keyOf(application)).join(', ')} are not followed`);
      break;
    }
    const here = level.filter(({ application, place }) => {
      const repository = repositories.get(joinKey(application.metadata.namespace, application.spec.repository));
      const chart = request.hasCharts && repository?.spec.chart ? repository : undefined;
      const why = request.excuse(application, chart ? undefined : repository);
      if (why) notes.push(`${keyOf(application)} is not planned: ${why}`);
      else applications.set(keyOf(application), { application, place, chart });
      return !why && !chart;
    });
    const found = (await Promise.all(here.map(({ application }) => contextObjects(application, request)))).flat();
    objects.push(...found);
    for (const repository of decoded<Repository>(found, REPOSITORIES, request.schema)) repositories.set(keyOf(repository.object), repository.object);
    const next = [...decoded<Application>(found, APPLICATIONS, request.schema), ...(await expandSets(found, request, { repositories, notes }))];
    level = next.filter(({ object }) => !applications.has(keyOf(object))).map(({ object, place }) => ({ application: object, place }));
  }
  const projects = new DeclaredProjects({ repositories, projects: decoded<Project>(objects, PROJECTS, request.schema).map(({ object }) => object) });
  const sets = new Map(decoded<ApplicationSet>(objects, APPLICATION_SETS, request.schema).map(({ object }) => [keyOf(object), object]));
  return { applications, sets, objects, projects, notes: [...new Set(notes)] };
}

async function contextObjects(application: Application, { files, candidates, scheme, renderer }: SurveyRequest): Promise<readonly DeclaredObject[]> {
  const { objects } = await renderer.render({ application, files, scheme, reads: (path) => candidates.has(path) });
  return objects.filter(({ object }) => CONTEXT_KINDS.has(object.kind));
}

interface Decoded<T> {
  readonly object: T;
  readonly place: { readonly path: string; readonly line: number };
}

/** Those of a kind that have its form; what is wrong with others is told when they are checked. */
function decoded<T extends KubeObject>(objects: readonly DeclaredObject[], resource: ResourceType, schema: Schema): readonly Decoded<T>[] {
  return objects.filter((declared) => declared.resource === resource).flatMap(({ object, source }) => {
    try {
      const result = decodeObject(schema, resource, object, { fieldValidation: 'Ignore' }).object as T & { readonly spec?: object };
      return result.spec ? [{ object: result, place: { path: source.path, line: source.line } }] : [];
    } catch (error) {
      if (isStatus(error, 'BadRequest')) return [];
      throw error;
    }
  });
}

async function expandSets(found: readonly DeclaredObject[], { files, schema, expand, excuse }: SurveyRequest, { repositories, notes }: { readonly repositories: ReadonlyMap<string, Repository>; readonly notes: string[] }): Promise<readonly Decoded<Application>[]> {
  const sets = await Promise.all(decoded<ApplicationSet>(found, APPLICATION_SETS, schema).map(async ({ object, place }) => {
    const { namespace } = object.metadata;
    const problemOf = (repository: string): string | undefined => excuse({ spec: { repository } }, repositories.get(joinKey(namespace, repository)));
    const { applications, problems } = await expand(object, { revision: files.revision, problemOf });
    notes.push(...problems.map((problem) => `applications of ApplicationSet ${keyOf(object)} are not planned: ${problem}`));
    return applications.map((application) => ({ object: application, place }));
  }));
  return sets.flat();
}
