import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseBody } from '#api/parse.ts';
import { duplicateField } from '#api/strict-problems.ts';
import { type AdmissionConfiguration, parseAdmission } from '#apiserver/admission/configuration.ts';
import { asError } from '#base/errors.ts';
import { UsageError } from '../usage-error.ts';

/** What the file says, with the files that it names, which stand relative to it. @throws UsageError */
export function admissionOf(file: string): AdmissionConfiguration {
  try {
    return parseAdmission(readYaml(file), (path) => readYaml(resolve(dirname(file), path)));
  } catch (cause) {
    throw new UsageError(`--admission-control-config-file ${file}: ${asError(cause).message}`, { cause });
  }
}

function readYaml(file: string): unknown {
  const { value, duplicates } = parseBody(readFileSync(file), 'application/yaml');
  if (duplicates[0]) throw new UsageError(`${file}:${duplicates[0].line}: ${duplicateField(duplicates[0])}`);
  return value;
}
