/** Acts that must not overtake each other, such as a pause and a resume. */
export class OneByOne {
  #last: Promise<unknown> = Promise.resolve();

  async do<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(act, act);
    this.#last = mine.catch(() => undefined);
    return await mine;
  }
}
