import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { Correlation } from './correlation.ts';
import { type Check, Findings, refuse } from './findings.ts';

/** `allOf`, `anyOf`, `oneOf` and `not`; undefined when the schema has none. */
export function compileLogic(schema: JSONSchemaProps, compileCheck: (schema: JSONSchemaProps) => Check): Check | undefined {
  const [anyOf, oneOf, allOf] = [schema.anyOf, schema.oneOf, schema.allOf].map((list) => (list ?? []).map((one) => compileCheck(one))) as [Check[], Check[], Check[]];
  const not = schema.not === undefined ? undefined : compileCheck(schema.not);
  if (anyOf.length + oneOf.length + allOf.length === 0 && not === undefined) return undefined;
  return (value, path, findings, old) => {
    if (anyOf.length > 0) checkAny(anyOf, value, path, findings, old);
    if (oneOf.length > 0) checkOne(oneOf, value, path, findings, old);
    if (allOf.length > 0) checkAll(allOf, value, path, findings, old);
    if (not !== undefined && run(not, value, path, old).isValid) refuse(findings, `${JSON.stringify(path)} must not validate the schema (not)`);
    findings.matches += 1;
  };
}

function run(check: Check, value: unknown, path: string, old: Correlation | undefined): Findings {
  const findings = new Findings();
  check(value, path, findings, old);
  return findings;
}

/** The alternative that passed most checks tells best what was meant. */
const better = (best: Findings | undefined, next: Findings): Findings => (best === undefined || next.matches > best.matches ? next : best);

function checkAny(checks: readonly Check[], value: unknown, path: string, findings: Findings, old: Correlation | undefined): void {
  let best: Findings | undefined;
  for (const check of checks) {
    const result = run(check, value, path, old);
    if (result.isValid) {
      findings.matches += result.matches;
      return;
    }
    best = better(best, result);
  }
  refuse(findings, `${JSON.stringify(path)} must validate at least one schema (anyOf)`);
  if (best !== undefined) findings.merge(best);
}

function checkOne(checks: readonly Check[], value: unknown, path: string, findings: Findings, old: Correlation | undefined): void {
  const results = checks.map((check) => run(check, value, path, old));
  const valid = results.filter((result) => result.isValid);
  if (valid.length === 1) findings.matches += valid[0]?.matches ?? 0;
  if (valid.length === 1) return;
  refuse(findings, `${JSON.stringify(path)} must validate one and only one schema (oneOf). ${valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`}`);
  const best = valid.length === 0 ? results.reduce<Findings | undefined>(better, undefined) : undefined;
  if (best !== undefined) findings.merge(best);
}

function checkAll(checks: readonly Check[], value: unknown, path: string, findings: Findings, old: Correlation | undefined): void {
  const results = checks.map((check) => run(check, value, path, old));
  for (const result of results) findings.merge(result);
  const valid = results.filter((result) => result.isValid).length;
  if (valid < results.length) refuse(findings, `${JSON.stringify(path)} must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`);
}
