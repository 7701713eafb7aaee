import { DescriptionReader } from '#api/descriptions.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import { pack, unpack } from '../http/packed.ts';
import type { DocumentParts, Parts } from './document-parts.ts';
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
  #builtIn: Promise<Fragment> | undefined;
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
    const builtIn = await (this.#builtIn ??= this.#makeBuiltIn(descriptions));
    const fragments = [{ paths: await unpack(builtIn.paths), definitions: await unpack(builtIn.definitions) }, ...custom.map((r) => this.#fragment(r, descriptions))];
    const join = (key: keyof Fragment): readonly Buffer[] => fragments.flatMap((fragment, i) => (i === 0 ? [fragment[key]] : [COMMA, fragment[key]]));
    const text = (value: string): Buffer => Buffer.from(value);
    return Buffer.concat([
      text(`{"swagger":"2.0","info":${JSON.stringify(INFO)},"paths":{`), ...join('paths'), text('},"definitions":{'), ...join('definitions'),
      text(`},"parameters":${JSON.stringify(this.#parts.shared.all())},"securityDefinitions":${JSON.stringify(SECURITY)},"security":[{"BearerToken":[]}]}`),
    ]);
  }

  async #makeBuiltIn(descriptions: DescriptionReader): Promise<Fragment> {
    const { paths, definitions } = fragmentOf(this.#parts.of({ resources: BUILT_IN_RESOURCES, routes: [...serverRoutes(BUILT_IN_RESOURCES), ...versionRoutes(BUILT_IN_RESOURCES)] }, 'v2', descriptions));
    return { paths: await pack(paths), definitions: await pack(definitions) };
  }

  #fragment(resource: ResourceType, descriptions: DescriptionReader): Fragment {
    let made = this.#custom.get(resource);
    if (made === undefined) this.#custom.set(resource, (made = fragmentOf(this.#parts.ofCustom(resource, descriptions))));
    return made;
  }
}

const COMMA = Buffer.from(',');
const fragmentOf = ({ paths, schemas }: Parts): Fragment => ({ paths: inner(paths), definitions: inner(schemas) });
/** The members of an object as JSON text. */
const inner = (value: object): Buffer => Buffer.from(JSON.stringify(value).slice(1, -1));
