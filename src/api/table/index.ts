import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
export const tableColumns = (_r: ResourceType) => [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }];
export const tableRow = (_r: ResourceType, o: KubeObject, _n: number): readonly unknown[] => [o.metadata.name];
