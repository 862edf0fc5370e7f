/** Preferred by the local run; others are taken where these are in use. */
export const PORTS = {
  resolver: 18_080,
  control: 18_081,
  aws: 18_082,
  consul: 18_500,
  eureka: 18_761,
} as const;
