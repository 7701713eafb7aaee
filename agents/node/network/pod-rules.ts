export interface PodRulesOptions {
  readonly table: string;
  readonly bridge: string;
  readonly podCidr: string;
  /** Addresses of all pods of the cluster: reached without masquerade. */
  readonly clusterCidr: string;
  /**
   * Without br_netfilter, an answer between two pods of one bridge never passes the host's translation, and a service's address
   * would not be put back. Masquerading makes the host the other end of both halves; the price is the client's address.
   */
  readonly masqueradeOnBridge: boolean;
}

/** One nft transaction that puts the table in place of what it was before. */
export function podRules(options: PodRulesOptions): string {
  const onBridge = options.masqueradeOnBridge ? [`    ip saddr ${options.podCidr} oifname "${options.bridge}" ct status dnat masquerade`] : [];
  return [
    `add table ip ${options.table}`,
    `delete table ip ${options.table}`,
    `table ip ${options.table} {`,
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat; policy accept;',
    `    ip saddr ${options.podCidr} ip daddr != ${options.clusterCidr} oifname != { "${options.bridge}", "lo" } masquerade fully-random`,
    ...onBridge,
    '  }',
    '}',
    '',
  ].join('\n');
}
