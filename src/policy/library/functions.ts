import { fn, type Functions, joinFunctions } from '../cel/declarations.ts';
import { LIST_POSITIONS, OPTIONALS, SETS } from '../cel/functions/collections.ts';
import { CONVERSIONS } from '../cel/functions/conversions.ts';
import { OPERATORS } from '../cel/functions/operators.ts';
import { STRINGS } from '../cel/functions/strings.ts';
import { TIMES } from '../cel/functions/times.ts';
import { STRING } from '../cel/types.ts';
import { AUTHORIZATION } from './authorizer.ts';
import { FORMATS } from './formats.ts';
import { IPS } from './ips.ts';
import { LIST_EXTENSIONS } from './list-extensions.ts';
import { LISTS } from './lists.ts';
import { QUANTITIES } from './quantities.ts';
import { regexFunctions } from './regex.ts';
import { SEMVERS } from './semvers.ts';
import { URLS } from './urls.ts';

/** What expressions that make patches have beyond the others. */
export const JSON_PATCH: Functions = {
  'jsonpatch.escapeKey': [fn([STRING], STRING, (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'))],
};

/** Every function that Kubernetes gives to all expressions (apiserver/pkg/cel/environment), and no other: what it lacks would not move there. Make it once and share it: it keeps compiled patterns. */
export const kubernetesFunctions = (): Functions =>
  joinFunctions([OPERATORS, CONVERSIONS, STRINGS, TIMES, SETS, OPTIONALS, LIST_POSITIONS, LISTS, LIST_EXTENSIONS, regexFunctions(), URLS, IPS, QUANTITIES, SEMVERS, FORMATS, AUTHORIZATION]);
