// The one place where UTF-16 offsets, as the browser counts, are converted to code points, as everything else counts.

function length(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

// Converts offsets of one text: `unit(point)` and `point(unit)`. An offset within a surrogate pair is the pair's start.
// A text without surrogates needs no table.
export class Offsets {
  constructor(text) {
    if (!/[\ud800-\udfff]/.test(text)) return;
    this.units = new Uint32Array(length(text) + 1);
    this.points = new Uint32Array(text.length + 1);
    let [point, unit] = [0, 0];
    for (const character of text) {
      this.units[point] = unit;
      this.points.fill(point, unit, unit + character.length);
      point += 1;
      unit += character.length;
    }
    this.units[point] = unit;
    this.points[unit] = point;
  }

  unit(point) {
    return this.units ? this.units[point] : point;
  }

  point(unit) {
    return this.points ? this.points[unit] : unit;
  }
}
