import { setImmediate } from 'node:timers/promises';
import { kept } from '#base/kept.ts';
import { DescriptionReader } from '#api/descriptions.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import { pack, unpack } from '../http/packed.ts';
import type { DocumentParts, Parts, Shown } from './document-parts.ts';
import { INFO, SECURITY } from './document-head.ts';
import { gnosticV2 } from './gnostic-v2.ts';
import { OpenApiDocument } from './openapi-document.ts';
import { serverRoutes, versionRoutes } from './routes/server-routes.ts';

/** JSON text without the outer braces; bytes, which take half the room of a text with one odd quote. */
interface Fragment {
  readonly paths: Buffer;
  readonly definitions: Buffer;
}

/** The one OpenAPI v2 document of everything: joined from parts, most of which stay when a custom resource comes or goes. */
export class WholeDocument {
  readonly #parts: DocumentParts;
  readonly #scheme: Scheme;
  readonly #custom = new WeakMap<ResourceType, Fragment>();
  /** Compressed. */
  readonly #builtIn = kept(() => this.#makeBuiltIn(new DescriptionReader()));
  #present: { readonly revision: number; readonly document: OpenApiDocument } | undefined;

  constructor(options: { readonly parts: DocumentParts; readonly scheme: Scheme }) {
    this.#parts = options.parts;
    this.#scheme = options.scheme;
  }

  /** As of now; the same for as long as no resource comes or goes. */
  document(): OpenApiDocument {
    const { revision } = this.#scheme;
    if (this.#present?.revision !== revision) {
      const custom = this.#scheme.all().filter((r) => r.custom !== undefined);
      this.#present = { revision, document: new OpenApiDocument({ text: (descriptions) => this.#joined(custom, descriptions), version: 'v2', encode: gnosticV2 }) };
    }
    return this.#present.document;
  }

  async #joined(custom: readonly ResourceType[], descriptions: DescriptionReader): Promise<Buffer> {
    const { paths, definitions } = await this.#builtIn();
    const fragments = [{ paths: await unpack(paths), definitions: await unpack(definitions) }, ...custom.map((r) => this.#fragment(r, descriptions))];
    return Buffer.concat([
      Buffer.from(`{"swagger":"2.0","info":${JSON.stringify(INFO)},"paths":{`), joined(fragments, 'paths'), Buffer.from('},"definitions":{'), joined(fragments, 'definitions'),
      Buffer.from(`},"parameters":${JSON.stringify(this.#parts.shared.all())},"securityDefinitions":${JSON.stringify(SECURITY)},"security":[{"BearerToken":[]}]}`),
    ]);
  }

  /** A group version in each turn of the event loop, for which other requests would wait. */
  async #makeBuiltIn(descriptions: DescriptionReader): Promise<Fragment> {
    const made: Fragment[] = [];
    const known = new Set<string>();
    for (const shown of builtIn()) {
      const parts = this.#parts.of(shown, { version: 'v2', descriptions, known });
      for (const name of Object.keys(parts.schemas)) known.add(name);
      made.push(fragmentOf(parts));
      await setImmediate();
    }
    return { paths: await pack(joined(made, 'paths')), definitions: await pack(joined(made, 'definitions')) };
  }

  #fragment(resource: ResourceType, descriptions: DescriptionReader): Fragment {
    let made = this.#custom.get(resource);
    if (made === undefined) this.#custom.set(resource, (made = fragmentOf(this.#parts.ofCustom(resource, descriptions))));
    return made;
  }
}

const builtIn = (): readonly Shown[] => [
  { resources: [], routes: serverRoutes(BUILT_IN_RESOURCES) },
  ...[...Map.groupBy(BUILT_IN_RESOURCES, apiVersionOf).values()].map((resources) => ({ resources, routes: versionRoutes(resources) })),
];

const COMMA = Buffer.from(',');
/** What has added nothing, adds no comma. */
const joined = (fragments: readonly Fragment[], key: keyof Fragment): Buffer =>
  Buffer.concat(fragments.map((fragment) => fragment[key]).filter((part) => part.length > 0).flatMap((part, i) => (i === 0 ? [part] : [COMMA, part])));
const fragmentOf = ({ paths, schemas }: Parts): Fragment => ({ paths: inner(paths), definitions: inner(schemas) });
/** The members of an object as JSON text. */
const inner = (value: object): Buffer => Buffer.from(JSON.stringify(value).slice(1, -1));
