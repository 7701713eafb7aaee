import { type FieldSet, pathTexts } from './field-set.ts';
import type { Manager } from './managers.ts';
import { StatusError } from '#api/status-error.ts';

export interface ManagerConflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** 409 with a cause for each field that someone else owns, worded as kubectl users know it. */
export function conflictError(conflicts: readonly ManagerConflict[]): StatusError {
  const named = conflicts.map(({ manager, fields }) => ({ name: managerText(manager), paths: pathTexts(fields) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const causes = named.flatMap(({ name, paths }) => paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field })));
  const only = causes.length === 1 ? causes[0] : undefined;
  const message = only !== undefined
    ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
    : `Apply failed with ${causes.length} conflicts: ${named.flatMap(({ name, paths }) => [`conflicts with ${name}:`, ...paths.map((path) => `- ${path}`)]).join('\n')}`;
  return new StatusError('Conflict', message, { details: { causes } });
}

function managerText(manager: Manager): string {
  const name = JSON.stringify(manager.name) + (manager.subresource === undefined ? '' : ` with subresource ${JSON.stringify(manager.subresource)}`);
  return manager.operation === 'Update' ? `${name} using ${manager.apiVersion}` : name;
}
