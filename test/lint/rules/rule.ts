/** The part of oxlint's (ESLint's) rule interface that the rules here use. */
export interface Rule {
  readonly meta: { readonly type: 'problem'; readonly docs: { readonly description: string } };
  create(context: Context): Record<string, (node: never) => void>;
}

export interface Context {
  /** Absolute path of the file being linted. */
  readonly filename: string;
  report(finding: { readonly node: object; readonly message: string }): void;
}
