package gradus.backend.cuda;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.Reading;

/**
 * Numbers on their way to the host. Each lands in a place of pinned memory, with an event behind it
 * on the stream. The first free place is taken, so that steps that are alike use the same ones.
 */
final class LateReads implements AutoCloseable {
  private static final int PLACES = 16;

  private final CudaContext context;
  private final Copies copies;
  private final Place[] places = new Place[PLACES];
  private int oldest; // where to look first for one that nobody has asked for

  LateReads(CudaContext context, Copies copies) {
    this.context = context;
    this.copies = copies;
    context.closeWithMe(this);
  }

  private static final class Place {
    private final PinnedMemory memory = new PinnedMemory(Float.BYTES);
    private Late reading; // on its way to here, or null
  }

  private final class Late implements Reading {
    private Place place; // null when it has landed
    private final long failures = context.queue().failures();
    private float value;

    private Late(Place place) {
      this.place = place;
    }

    /** Whether its copy was among calls that were left out behind one that failed. */
    private boolean isLost() {
      return !place.memory.isMarked() && failures != context.queue().failures();
    }

    @Override
    public float value() {
      if (place != null) {
        if (isLost()) {
          throw new GradusException(
              "A number that was to be read later never came: an earlier call on the device"
                  + " failed.");
        }
        land(place);
      }
      return value;
    }
  }

  Reading read(Buffer scalar) {
    context.enter(); // an event belongs to the device of the moment
    Place place = freePlace();
    copies.copyOut(scalar, place.memory.pointer().address());
    place.reading = new Late(place);
    return place.reading;
  }

  private Place freePlace() {
    for (int i = 0; i < PLACES; i++) {
      if (places[i] == null) {
        places[i] = new Place();
      }
      if (places[i].reading == null) {
        return places[i];
      }
    }
    Place place = places[oldest];
    oldest = (oldest + 1) % PLACES;
    if (!place.reading.isLost()) {
      land(place);
    }
    return place;
  }

  /** Starts what waits, with an event behind the numbers in it. */
  void flush() {
    context.flush();
    for (Place place : places) {
      if (place != null
          && place.reading != null
          && !place.memory.isMarked()
          && !place.reading.isLost()) {
        place.memory.mark(context);
      }
    }
  }

  private void land(Place place) {
    flush();
    place.memory.await();
    place.reading.value = place.memory.bytes().getFloat(0);
    place.reading.place = null;
    place.reading = null;
  }

  @Override
  public void close() {
    for (Place place : places) {
      if (place != null) {
        place.memory.close();
      }
    }
  }
}
