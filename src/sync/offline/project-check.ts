import { isDeepStrictEqual } from 'node:util';
import type { Application, Project, Repository, SyncError } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type NamespacedName } from '#api/object.ts';
import { inventoryEntry } from '../inventory/identity.ts';
import { projectRefusals } from '../policy/project-rules.ts';
import type { DeclaredObject } from './declare.ts';

export interface ProjectsOptions {
  readonly projects: readonly Project[];
  readonly repositories: ReadonlyMap<NamespacedName, Repository>;
}

/** The Projects that a commit declares, and what they forbid. One that only a cluster has is not judged. */
export class DeclaredProjects {
  readonly #projects: ReadonlyMap<NamespacedName, Project>;
  readonly #repositories: ProjectsOptions['repositories'];

  constructor({ projects, repositories }: ProjectsOptions) {
    this.#projects = new Map(projects.map((project) => [keyOf(project), project]));
    this.#repositories = repositories;
  }

  /** What of an application's objects and hooks its project forbids, each with its place. */
  refusals(application: Application, objects: readonly DeclaredObject[]): readonly SyncError[] {
    const project = this.#projectOf(application);
    if (!project) return [];
    const url = this.#urlOf(application);
    const { repositories: _unknown, ...others } = project.spec;
    return projectRefusals({
      project: keyOf(project), spec: url === undefined ? others : project.spec, repositoryUrl: url ?? '',
      objects: objects.map(({ resource, object, source }) => ({ entry: inventoryEntry(resource, object, source.path), line: source.line })),
    });
  }

  /** Whether the same is permitted to two states of an application, so that what did not change need not be judged again. */
  bindsAlike(application: Application, before: DeclaredProjects, former: Application): boolean {
    return isDeepStrictEqual([this.#projectOf(application)?.spec, this.#urlOf(application)], [before.#projectOf(former)?.spec, before.#urlOf(former)]);
  }

  /** `<namespace>/<name>` of a project that is named and not declared. */
  missing({ metadata, spec }: Application): NamespacedName | undefined {
    const key = joinKey(metadata.namespace, spec.project ?? '');
    return spec.project && !this.#projects.has(key) ? key : undefined;
  }

  #projectOf({ metadata, spec }: Application): Project | undefined {
    return spec.project ? this.#projects.get(joinKey(metadata.namespace, spec.project)) : undefined;
  }

  /** Undefined for the repository that `headway up` makes. */
  #urlOf({ metadata, spec }: Application): string | undefined {
    return this.#repositories.get(joinKey(metadata.namespace, spec.repository))?.spec.url;
  }
}
