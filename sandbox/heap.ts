/** A binary heap: the least item first; of equal ones the one that came first. */
export class Heap<Item> {
  readonly #items: { readonly item: Item; readonly number: number }[] = [];
  readonly #compare: (a: Item, b: Item) => number;
  #count = 0;

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): Item | undefined {
    return this.#items[0]?.item;
  }

  push(item: Item): void {
    this.#items.push({ item, number: this.#count++ });
    let child = this.#items.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  pop(): Item | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first === undefined || last === undefined || this.#items.length === 0) return first?.item;
    this.#items[0] = last;
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      let least = parent;
      if (left < this.#items.length && this.#isBefore(left, least)) least = left;
      if (left + 1 < this.#items.length && this.#isBefore(left + 1, least)) least = left + 1;
      if (least === parent) return first.item;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #isBefore(index: number, other: number): boolean {
    const [a, b] = [this.#items[index], this.#items[other]];
    if (!a || !b) return false;
    const order = this.#compare(a.item, b.item);
    return order < 0 || (order === 0 && a.number < b.number);
  }

  #swap(index: number, other: number): void {
    const [a, b] = [this.#items[index], this.#items[other]];
    if (a && b) [this.#items[index], this.#items[other]] = [b, a];
  }
}
