/** A set of names in order, for listings: finding a place is a binary search, adding one moves the names behind it. */
export class SortedKeys {
  private readonly keys: string[] = [];

  set(key: string, present: boolean): void {
    const at = this.place(key);
    const known = this.keys[at] === key;
    if (present && !known) this.keys.splice(at, 0, key);
    else if (!present && known) this.keys.splice(at, 1);
  }

  *from(first: string): Generator<string> {
    for (let at = this.place(first); at < this.keys.length; at++) {
      const key = this.keys[at];
      if (key !== undefined) yield key;
    }
  }

  /** Index of the key, or where it would stand. */
  private place(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
