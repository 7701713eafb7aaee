import { DEFAULT_SCALAR_STYLE_RULES, defineScalarTag, dump, DUMP_SCHEMA, intCoreTag, intYaml11Tag, NOT_RESOLVED, SCALAR_STYLE, type ScalarStyleRule } from 'js-yaml';

/** Integers beyond 2^53 too. Text that a reader of YAML 1.1 or 1.2 takes for an integer gets quotes. */
const integerTag = defineScalarTag<number | bigint>('tag:yaml.org,2002:int', {
  ...intYaml11Tag,
  identify: (value) => typeof value === 'bigint' || intYaml11Tag.identify?.(value) === true,
  represent: String,
  resolve: (text, isExplicit, tagName) => {
    const value = intYaml11Tag.resolve(text, isExplicit, tagName);
    return value === NOT_RESOLVED ? intCoreTag.resolve(text, isExplicit, tagName) : value;
  },
});

/** Text with quotes in it reads better in the other ones: `'{"a":1}'`. */
const avoidEscapes: ScalarStyleRule = (layout) => {
  const mayBeSingle = (layout.allowedStylesMask & (1 << SCALAR_STYLE.SINGLE_QUOTED)) !== 0;
  if (layout.style === SCALAR_STYLE.DOUBLE_QUOTED && mayBeSingle && layout.node.value.includes('"')) layout.style = SCALAR_STYLE.SINGLE_QUOTED;
};

const STYLE = {
  schema: DUMP_SCHEMA.withTags(integerTag), lineWidth: -1, noRefs: true, sortKeys: true, seqNoIndent: true, quoteStyle: 'double',
  scalarStyleRules: [...Object.values(DEFAULT_SCALAR_STYLE_RULES), avoidEscapes],
} as const;

/** As kubectl writes objects: members in the order of the alphabet, lists not indented, long lines not broken, no anchors. */
export const yamlOf = (object: object): string => dump(object, STYLE);
