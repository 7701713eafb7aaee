import type { DescriptionReader } from '#api/descriptions.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import { CUSTOM_ROOTS, customSchemas } from './custom-schemas.ts';
import { type Dialect, dialectV2, dialectV3, V2_PREFIX, V3_PREFIX } from './dialects.ts';
import { pathItems } from './path-items.ts';
import { OptionParameters } from './routes/option-parameters.ts';
import { ResourceRoutes } from './routes/resource-routes.ts';
import type { Model, Route } from './routes/route.ts';
import { REGISTERED_VERSIONS, versionsNear } from './registered-versions.ts';
import { SchemaNames } from './schema-names.ts';
import { type JsonSchema, schemasOf } from './schemas.ts';
import { SharedParameters } from './shared-parameters.ts';

/** What a document shows. */
export interface Shown {
  readonly resources: readonly ResourceType[];
  /** Operations on anything else. */
  readonly routes: readonly Route[];
}

export interface Parts {
  readonly paths: JsonSchema;
  readonly schemas: JsonSchema;
}

export interface PartsOptions {
  readonly version: 'v2' | 'v3';
  readonly descriptions: DescriptionReader;
  /** Names of schemas that other parts of the document have. Default: none. */
  readonly known?: ReadonlySet<string>;
}

interface Lasting {
  readonly names: SchemaNames;
  readonly v2: Dialect;
  readonly v3: Dialect;
}

/** Makes the paths and schemas that documents are joined from. */
export class DocumentParts {
  /** What the parts of v2 refer to. */
  readonly shared = new SharedParameters();
  readonly #schema: Schema;
  #known: Lasting | undefined;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** With all schemas that the operations lead to, but for those that are known. */
  of(shown: Shown, { version, descriptions, known = new Set() }: PartsOptions): Parts {
    const { names, [version]: dialect } = this.#lasting();
    const routes = this.#routes(shown, descriptions);
    const custom = shown.resources.filter((r) => r.custom !== undefined);
    const [first] = shown.resources;
    const versions = version === 'v2' || custom.length > 0 || first === undefined ? REGISTERED_VERSIONS : versionsNear(first);
    const options = { schema: this.#schema, names, descriptions, versions, prefix: version === 'v2' ? V2_PREFIX : V3_PREFIX, isV2: version === 'v2' };
    const roots = new Set([...routes.flatMap(modelsOf).filter(isFact), ...(custom.length > 0 ? CUSTOM_ROOTS : [])]);
    return { paths: pathItems(routes, dialect), schemas: Object.assign({}, ...custom.map((r) => customSchemas(r, options)), schemasOf(options, roots, known)) as JsonSchema };
  }

  /** Of a custom resource for v2, with the schemas that only it has. */
  ofCustom(resource: ResourceType, descriptions: DescriptionReader): Parts {
    const routes = this.#routes({ resources: [resource], routes: [] }, descriptions);
    return { paths: pathItems(routes, this.#lasting().v2), schemas: customSchemas(resource, { prefix: V2_PREFIX, isV2: true, descriptions }) };
  }

  #routes({ resources, routes }: Shown, descriptions: DescriptionReader): readonly Route[] {
    const ofResources = new ResourceRoutes({ names: this.#lasting().names, parameters: new OptionParameters({ schema: this.#schema, descriptions }) });
    return [...routes, ...resources.flatMap((r) => ofResources.of(r))];
  }

  /** Only when a document is made are all packages read. */
  #lasting(): Lasting {
    if (this.#known !== undefined) return this.#known;
    const names = new SchemaNames(this.#schema);
    return (this.#known = { names, v2: dialectV2(names, this.shared), v3: dialectV3(names) });
  }
}

const modelsOf = ({ body, answers }: Route): readonly Model[] => [...(body ? [body.model] : []), ...Object.values(answers)];
/** The schemas of custom resources are made from their definitions, and scalars have none. */
const isFact = (model: Model): boolean => model.includes('/');
