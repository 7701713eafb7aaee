import { jsonFault } from '#api/json-fault.ts';
import { YAML_TYPE } from '#api/parse.ts';
import { badRequest } from '#api/status-error.ts';
import { yamlFault } from '#api/yaml-fault/yaml-fault.ts';
import { envelopeFault, type ProtobufDecoder } from '../protobuf/decode.ts';
import type { ResourceInfo } from '../request-info.ts';
import { PATCH_TYPES } from '../verbs/patch.ts';
import { kindOfBody, noJson, unrecognized } from '../verbs/unrecognized.ts';

/** What is said of a body that is no JSON or YAML, in the words of the part of Kubernetes that would have read it; undefined when it would have read it all the same. */
export function bodyFault(info: ResourceInfo, contentType: string, text: string): string | undefined {
  if (YAML_TYPE.test(contentType.split(';', 1)[0]?.trim() ?? '')) return faultOfYaml(info, text);
  const fault = jsonFault(text);
  if (fault === undefined) return undefined;
  if (info.verb.startsWith('delete')) return noJson(fault);
  if (info.verb !== 'patch') return unrecognized(info, text, noJson(fault));
  return contentType.startsWith(PATCH_TYPES.strategic) ? fault : `error decoding patch: ${fault}`;
}

function faultOfYaml(info: ResourceInfo, text: string): string | undefined {
  const fault = yamlFault(text);
  if (fault === undefined) return undefined;
  if (info.verb.startsWith('delete')) return `yaml: ${fault}`;
  const told = `error converting YAML to JSON: yaml: ${fault}`;
  return info.verb === 'patch' ? `error decoding YAML: ${told}` : unrecognized(info, text, told);
}

/** The value of a body in protobuf. @throws StatusError BadRequest */
export function protobufBody(decoder: Pick<ProtobufDecoder, 'decode'>, info: ResourceInfo, bytes: Buffer): unknown {
  const fault = envelopeFault(bytes);
  if (fault !== undefined) throw badRequest(info.verb.startsWith('delete') ? fault : unrecognized(info, bytes, fault));
  return decoder.decode(bytes, kindOfBody(info));
}
