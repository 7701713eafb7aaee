import { MASQUERADE_MARK } from './rules.ts';

export interface BaseTableOptions {
  readonly table: string;
  readonly bridge: string;
  readonly serviceCidr: string;
}

/**
 * The hooks and maps, empty. Translation looks a destination up in one map, whatever the number of services. The filter chains
 * see what was not translated: services that nobody serves, and addresses of the service range that belong to none.
 * Pods may not send to 127.0.0.0/8 themselves: only a translated destination may lead them there (CVE-2020-8558).
 */
export function baseTable(options: BaseTableOptions): string {
  const addressKey = 'ip daddr . meta l4proto . th dport';
  const refuse = `ct state new ${addressKey} vmap @dead-service-ips
    ct state new fib daddr type local meta l4proto . th dport vmap @dead-node-ports`;
  return `table ip ${options.table} {
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map node-ports { type inet_proto . inet_service : verdict; }
  map dead-service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
  map dead-node-ports { type inet_proto . inet_service : verdict; }
  set hairpins { type ipv4_addr . ipv4_addr; }
  chain services {
    ${addressKey} vmap @service-ips
    fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @node-ports
  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain dead {
    ${refuse}
    ct state new ip daddr ${options.serviceCidr} goto refuse
  }
  chain loopback-guard {
    type filter hook prerouting priority raw; policy accept;
    iifname "${options.bridge}" ip daddr 127.0.0.0/8 drop
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    jump services
  }
  chain output {
    type nat hook output priority -100; policy accept;
    jump services
  }
  chain filter-input {
    type filter hook input priority filter; policy accept;
    jump dead
  }
  chain filter-forward {
    type filter hook forward priority filter; policy accept;
    jump dead
  }
  chain filter-output {
    type filter hook output priority filter; policy accept;
    jump dead
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ct status dnat ip saddr . ip daddr @hairpins masquerade fully-random
    meta mark & ${MASQUERADE_MARK} == 0 return
    meta mark set meta mark xor ${MASQUERADE_MARK}
    masquerade fully-random
  }
}
`;
}
