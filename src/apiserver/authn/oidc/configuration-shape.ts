import { FLAG, listOf, named, type Shape, struct, TEXT } from '../../configuration/shape.ts';

const CLAIM = { claim: TEXT, expression: TEXT };
const PREFIXED = struct('PrefixedClaimOrExpression', { ...CLAIM, prefix: TEXT });

/** AuthenticationConfiguration of apiserver.config.k8s.io. */
export const AUTHENTICATION_SHAPE: Shape = struct('AuthenticationConfiguration', {
  apiVersion: TEXT,
  kind: TEXT,
  jwt: listOf(struct('JWTAuthenticator', {
    issuer: struct('Issuer', {
      url: TEXT, discoveryURL: TEXT, certificateAuthority: TEXT, audiences: listOf(TEXT), audienceMatchPolicy: named('version.AudienceMatchPolicyType'), egressSelectorType: named('version.EgressSelectorType'),
    }),
    claimValidationRules: listOf(struct('ClaimValidationRule', { claim: TEXT, requiredValue: TEXT, expression: TEXT, message: TEXT })),
    claimMappings: struct('ClaimMappings', { username: PREFIXED, groups: PREFIXED, uid: struct('ClaimOrExpression', CLAIM), extra: listOf(struct('ExtraMapping', { key: TEXT, valueExpression: TEXT })) }),
    userValidationRules: listOf(struct('UserValidationRule', { expression: TEXT, message: TEXT })),
  })),
  anonymous: struct('AnonymousAuthConfig', { enabled: FLAG, conditions: listOf(struct('AnonymousAuthCondition', { path: TEXT })) }),
});
