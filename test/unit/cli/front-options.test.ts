import test from 'ava';
import { frontOf } from '#cli/control-plane/front.ts';
import type { FrontFlags } from '#cli/front-options.ts';
import { UsageError } from '#cli/usage-error.ts';

test('what browsers and load balancers are told', (t) => {
  t.deepEqual(frontOf({ corsAllowedOrigins: ['//example\\.com(:|$)'], strictTransportSecurityDirectives: ['max-age=31536000', 'includeSubDomains', 'preload'], goawayChance: '0.02' }),
    { corsAllowedOrigins: ['//example\\.com(:|$)'], strictTransportSecurity: ['max-age=31536000', 'includeSubDomains', 'preload'], goAwayChance: 0.02 });
});

test('what opens the server to strangers, or means nothing, is refused', (t) => {
  const refuse = (flags: FrontFlags): string => t.throws(() => frontOf(flags), { instanceOf: UsageError }).message;
  const unpinned = '--cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header';
  for (const origin of ['example.com', '.*', '^example.com', 'example.com$']) t.is(refuse({ corsAllowedOrigins: [origin] }), unpinned, origin);
  t.regex(refuse({ corsAllowedOrigins: ['^(a$'] }), /^--cors-allowed-origins has an invalid regular expression: /);
  t.is(refuse({ corsAllowedOrigins: ['^a$', ''] }), 'empty value in --cors-allowed-origins');
  t.is(refuse({ strictTransportSecurityDirectives: [' '] }), 'empty value in strict-transport-security-directives');
  for (const directive of ['max-age', 'max-age=1=2', 'includesubdomains', 'Max-Age=1']) t.regex(refuse({ strictTransportSecurityDirectives: [directive] }), /^--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload\./);
  for (const goawayChance of ['-0.1', '0.021', 'x']) t.is(refuse({ goawayChance }), '--goaway-chance can not be less than 0 or greater than 0.02');
});
