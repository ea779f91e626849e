package gradus.backend.cuda;

import gradus.GradusException;
import gradus.backend.Arrival;
import gradus.backend.Buffer;
import gradus.backend.Reading;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Numbers on their way to the host. They land in a place of pinned memory, with an event behind
 * them on the stream. The first free place is taken, so that steps that are alike use the same
 * ones.
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
    private PinnedMemory memory;
    private Late reading; // on its way to here, or null

    private Place(int bytes) {
      memory = new PinnedMemory(bytes);
    }

    /** Makes room; nothing may be on its way to here. */
    private void require(int bytes) {
      if (memory.bytes().capacity() < bytes) {
        memory.close();
        memory = new PinnedMemory(bytes);
      }
    }
  }

  private abstract class Late implements Arrival {
    private Place place; // null when it has landed
    private final long failures = context.queue().failures();
    private boolean lost; // and its place another's

    /** Takes them out of the place, which others will use. */
    abstract void take(ByteBuffer bytes);

    /** Whether its copy was among calls that were left out behind one that failed. */
    private boolean isLost() {
      return lost || (!place.memory.isMarked() && failures != context.queue().failures());
    }

    @Override
    public final void await() {
      if (place != null) {
        if (isLost()) {
          throw new GradusException(
              "A number that was to be read later never came: an earlier call on the device"
                  + " failed.");
        }
        land(place);
      }
    }
  }

  private final class Scalar extends Late implements Reading {
    private float value;

    @Override
    void take(ByteBuffer bytes) {
      value = bytes.getFloat(0);
    }

    @Override
    public float value() {
      await();
      return value;
    }
  }

  private final class Array extends Late {
    private final int count;
    private final FloatBuffer destination;

    private Array(int count, FloatBuffer destination) {
      this.count = count;
      this.destination = destination;
    }

    @Override
    void take(ByteBuffer bytes) {
      destination.put(destination.position(), bytes.asFloatBuffer(), 0, count);
    }
  }

  Reading read(Buffer number) {
    Scalar scalar = new Scalar();
    send(number, scalar);
    return scalar;
  }

  Arrival read(Buffer source, int count, FloatBuffer destination) {
    Array array = new Array(count, destination);
    send(source, array);
    return array;
  }

  private void send(Buffer source, Late reading) {
    context.enter(); // an event belongs to the device of the moment
    Place place = freePlace(Math.toIntExact(source.bytes()));
    copies.copyOut(source, place.memory.pointer().address());
    place.reading = reading;
    reading.place = place;
  }

  private Place freePlace(int bytes) {
    for (int i = 0; i < PLACES; i++) {
      if (places[i] == null) {
        places[i] = new Place(bytes);
      }
      if (places[i].reading == null) {
        places[i].require(bytes);
        return places[i];
      }
    }
    Place place = places[oldest];
    oldest = (oldest + 1) % PLACES;
    if (place.reading.isLost()) {
      place.reading.lost = true;
    } else {
      land(place);
    }
    place.require(bytes);
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
    place.reading.take(place.memory.bytes());
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
