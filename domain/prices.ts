/**
 * What AWS asks for the calls of a run, as published for us-east-1; other Regions ask a little more. Calls of WorkSpaces,
 * of Systems Manager Run Command on EC2 and WorkSpaces, and of the Resource Groups Tagging API are free.
 * https://aws.amazon.com/s3/pricing/, https://aws.amazon.com/kms/pricing/, https://aws.amazon.com/sns/pricing/
 */
export const PRICES = {
  /** When they were written down. AWS changes them seldom, and tells it on those pages. */
  date: '2026-11-21',
  currency: 'USD',
  each: {
    /** PUT, COPY, POST and LIST, to S3 Standard. */
    s3Write: 0.005 / 1_000,
    /** GET, HEAD and others. */
    s3Read: 0.0004 / 1_000,
    /** DELETE is free. */
    s3Delete: 0,
    kms: 0.03 / 10_000,
    /** A message of at most 64 KB to a standard topic; what its subscribers cost comes on top. */
    snsPublish: 0.5 / 1_000_000,
  },
  /**
   * Backup storage for a gigabyte and a month, and the transfer of a gigabyte into another Region; cold is null where there
   * is none. https://aws.amazon.com/backup/pricing/, https://aws.amazon.com/ebs/pricing/, https://aws.amazon.com/rds/pricing/
   */
  backup: {
    EBS: { warm: 0.05, cold: 0.0125, transfer: 0.02 },
    EC2: { warm: 0.05, cold: null, transfer: 0.02 },
    RDS: { warm: 0.095, cold: null, transfer: 0.02 },
    Aurora: { warm: 0.021, cold: null, transfer: 0.02 },
    DynamoDB: { warm: 0.1, cold: 0.03, transfer: 0.04 },
    EFS: { warm: 0.05, cold: 0.01, transfer: 0.04 },
    S3: { warm: 0.05, cold: null, transfer: 0.04 },
  },
} as const;

export type Priced = keyof typeof PRICES.each;

/** Rounded to a hundredth of a cent. */
export function costOf(counts: Readonly<Record<Priced, number>>): number {
  const amount = Object.entries(PRICES.each).reduce((sum, [name, price]) => sum + counts[name as Priced] * price, 0);
  return Math.round(amount * 10_000) / 10_000;
}
