package gradus.bench.op;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Things taken in turns, without end. */
final class Ring<T> {
  private final List<T> items = new ArrayList<>();
  private int next;

  /** {@code first} and as many more as make {@code count}. */
  Ring(T first, int count, Supplier<T> more) {
    items.add(first);
    while (items.size() < count) {
      items.add(more.get());
    }
  }

  /** The one whose turn it is. */
  T next() {
    T item = items.get(next);
    next = next + 1 == items.size() ? 0 : next + 1;
    return item;
  }

  int size() {
    return items.size();
  }
}
