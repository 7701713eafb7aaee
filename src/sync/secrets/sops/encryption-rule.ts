import { EvaluationError } from '#policy/cel/errors.ts';
import { compilePattern } from '#policy/cel/regex.ts';
import { DecryptionError } from '../decryption-error.ts';

/** Whether the value at a path of keys is encrypted. Lists add nothing to the path. */
export type EncryptionRule = (path: readonly string[]) => boolean;

type Field = 'unencrypted_suffix' | 'encrypted_suffix' | 'unencrypted_regex' | 'encrypted_regex';

const RULES: Readonly<Record<Field, (value: string) => EncryptionRule>> = {
  unencrypted_suffix: (suffix) => (path) => !path.some((key) => key.endsWith(suffix)),
  encrypted_suffix: (suffix) => (path) => path.some((key) => key.endsWith(suffix)),
  unencrypted_regex: (source) => not(matches('unencrypted_regex', source)),
  encrypted_regex: (source) => matches('encrypted_regex', source),
};
const DEFAULT_SUFFIX = '_unencrypted';
const UNSUPPORTED = ['encrypted_comment_regex', 'unencrypted_comment_regex'];

const not = (rule: EncryptionRule): EncryptionRule => (path) => !rule(path);

/** The rule that a file was encrypted by: any key on the way to a value decides. @throws DecryptionError InvalidEncryption, UnsupportedEncryption */
export function encryptionRule(metadata: Readonly<Record<string, unknown>>): EncryptionRule {
  const unsupported = UNSUPPORTED.find((field) => metadata[field]);
  if (unsupported !== undefined) throw new DecryptionError('UnsupportedEncryption', `sops.${unsupported}: rules by comments are not supported; use encrypted_regex`);
  const given = (Object.keys(RULES) as Field[]).filter((field) => typeof metadata[field] === 'string' && metadata[field] !== '');
  const [field] = given;
  if (given.length > 1) throw new DecryptionError('InvalidEncryption', `sops: only one of ${given.join(', ')} may be set`);
  return field === undefined ? RULES.unencrypted_suffix(DEFAULT_SUFFIX) : RULES[field](String(metadata[field]));
}

/** In RE2's syntax and time, as the expression comes from a repository. */
function matches(field: Field, source: string): EncryptionRule {
  try {
    const pattern = compilePattern(source);
    return (path) => path.some((key) => pattern.test(key));
  } catch (error) {
    if (error instanceof EvaluationError) throw new DecryptionError('InvalidEncryption', `sops.${field}: ${error.message}`, { cause: error });
    throw error;
  }
}
