package gradus.backend;

import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Between any backends: through the memory of the host. Every other collective must come to the
 * same, but for the rounding of sums.
 */
final class HostCollective implements Collective {
  private final List<Backend> members;
  private final FloatBuffer[] host;
  private final List<List<Buffer>> begun = new ArrayList<>(); // by each member
  private final Meeting meeting;

  /** The first one leads. */
  HostCollective(List<Backend> members) {
    this.members = List.copyOf(members);
    this.host = new FloatBuffer[members.size()];
    this.meeting = new Meeting(members.size());
    members.forEach(member -> begun.add(new ArrayList<>()));
  }

  @Override
  public void broadcast(int member, Buffer buffer) {
    if (member == 0) {
      copyOut(0, buffer);
    }
    meeting.meet(() -> {});
    if (member > 0) {
      copyIn(member, buffer, host[0].duplicate());
    }
    meeting.meet(() -> {}); // the leader may overwrite it now
  }

  /** To wait for numbers now would keep the device from what it is to do beside. */
  @Override
  public void beginReduce(int member, Buffer part) {
    begun.get(member).add(part);
  }

  @Override
  public void finishReduce(int member) {
    begun.get(member).forEach(part -> reduceNow(member, part));
    begun.get(member).clear();
  }

  private void reduceNow(int member, Buffer buffer) {
    copyOut(member, buffer);
    meeting.meet(this::addUp);
    if (member == 0) {
      copyIn(0, buffer, host[0]);
    }
  }

  /** In the order of the members, so that sums repeat their bits. */
  private void addUp() {
    FloatBuffer sum = host[0];
    for (int i = 1; i < host.length; i++) {
      for (int j = 0; j < sum.limit(); j++) {
        sum.put(j, sum.get(j) + host[i].get(j));
      }
    }
  }

  private void copyOut(int member, Buffer buffer) {
    int count = Math.toIntExact(buffer.elements());
    if (host[member] == null || host[member].capacity() < count) {
      host[member] = FloatBuffer.allocate(count);
    }
    host[member].clear().limit(count);
    memory(member).copyOut(buffer, Shape.of(count), Placement.DENSE, host[member]);
  }

  private void copyIn(int member, Buffer buffer, FloatBuffer values) {
    Shape shape = Shape.of(Math.toIntExact(buffer.elements()));
    memory(member).copyIn(values, buffer, shape, Placement.DENSE);
  }

  private Memory memory(int member) {
    return members.get(member).memory();
  }

  @Override
  public void abort() {
    meeting.end(() -> {});
  }

  @Override
  public String describe() {
    return members.size() + " devices, through the memory of the host";
  }

  @Override
  public void close() {
    meeting.end(() -> {});
  }
}
