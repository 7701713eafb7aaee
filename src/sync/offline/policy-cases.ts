import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import type { Application, SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES, CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import { createRuleCompiler } from '#policy/rules/rule-compiler.ts';
import { plainRenderer } from '../render/plain-renderer.ts';
import type { SourceFile } from '../render/renderer.ts';
import { customKinds } from './custom-kinds.ts';
import { declareObject, type DeclaredObject } from './declare.ts';
import { ObjectRules } from './object-rules.ts';
import { PolicySet } from './policy-set.ts';

/** What a policy must do with the last object of a file: `accept-*` or `deny-*`. */
export interface PolicyCase {
  readonly expects: 'accept' | 'deny';
  readonly file: SourceFile;
}

export interface CaseOutcome {
  readonly path: string;
  readonly expects: PolicyCase['expects'];
  /** As expected, and the object is valid apart from the policy. */
  readonly isRight: boolean;
  /** What the policies said, or what is wrong with the object. */
  readonly messages: readonly string[];
}

/** Objects of a test that name no namespace are in `default`. */
const TEST: Application = { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'test', namespace: 'default' }, spec: { repository: 'test' } };

/**
 * Asks policies about test data, as the API server would. The last document of a file is what is written; one before it with the same name is
 * what was there, and others are what there is besides: parameters, namespaces, definitions of kinds.
 */
export class PolicyTester {
  readonly #schema = loadSchema();
  readonly #rules = createRuleCompiler();

  /** @param policies their files: policies, bindings, and what all cases share */
  run(policies: readonly SourceFile[], cases: readonly PolicyCase[]): { readonly errors: readonly SyncError[]; readonly outcomes: readonly CaseOutcome[] } {
    const shared = this.#read(policies, []);
    const rules = this.#rulesWith(shared.objects);
    const errors = [...shared.errors, ...shared.objects.flatMap((declared) => rules.check(declared, undefined).errors)];
    return { errors, outcomes: errors.length > 0 ? [] : cases.map((policyCase) => this.#runCase(policyCase, shared.objects)) };
  }

  #runCase({ file, expects }: PolicyCase, shared: readonly DeclaredObject[]): CaseOutcome {
    const { objects, errors } = this.#read([file], shared);
    const outcome = (isRight: boolean, messages: readonly string[]): CaseOutcome => ({ path: file.path, expects, isRight, messages });
    const written = objects.at(-1);
    if (errors.length > 0 || !written) return outcome(false, errors.length > 0 ? errors.map(textOf) : ['the file holds no object']);
    const besides = objects.slice(0, -1);
    const rules = this.#rulesWith([...shared, ...besides]);
    const former = besides.find(({ identity }) => identity === written.identity);
    const result = rules.check(written, former && rules.settle(former));
    const denials = result.policies.filter(({ action }) => action === 'Deny');
    return outcome(result.errors.length === 0 && (denials.length > 0) === (expects === 'deny'), [...result.errors.map(textOf), ...denials.map(({ policy, message }) => `${policy}: ${message}`)]);
  }

  #read(files: readonly SourceFile[], known: readonly DeclaredObject[]): { readonly objects: readonly DeclaredObject[]; readonly errors: readonly SyncError[] } {
    const results = files.map((file) => plainRenderer.render(file));
    const rendered = results.flatMap(({ objects }) => objects);
    const scheme = this.#schemeWith([...known, ...rendered].map(({ object }) => object));
    const declared = rendered.map((object) => declareObject(object, TEST, scheme));
    return { objects: declared.filter((object) => 'identity' in object), errors: [...results.flatMap(({ errors }) => errors), ...declared.filter((object) => 'reason' in object)] };
  }

  #schemeWith(objects: readonly KubeObject[]): Scheme {
    const definitions = objects.filter((object): object is CustomResourceDefinition & KubeObject => object.kind === CUSTOM_RESOURCE_DEFINITIONS.kind);
    return new Scheme([...BUILT_IN_RESOURCES, ...definitions.flatMap((definition) => customKinds(definition, { facts: this.#schema, rules: this.#rules }))]);
  }

  #rulesWith(declared: readonly DeclaredObject[]): ObjectRules {
    const objects = declared.map(({ object }) => object);
    const scheme = this.#schemeWith(objects);
    const policies = declared.filter(({ resource }) => resource.group === 'admissionregistration.k8s.io').map(({ object, source: { path, line } }) => ({ object, path, line }));
    return new ObjectRules({
      schema: this.#schema, scheme, rules: this.#rules, policies: new PolicySet({ policies, params: objects, scheme }),
      namespaces: new Map(objects.filter(({ kind }) => kind === 'Namespace').map((object) => [object.metadata.name, object])),
    });
  }
}

const textOf = ({ line, message }: SyncError): string => `line ${line ?? 1}: ${message}`;
