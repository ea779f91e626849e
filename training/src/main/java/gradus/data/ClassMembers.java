package gradus.data;

import gradus.GradusException;

/** Which samples belong to each class of a data set, in its order. */
final class ClassMembers {
  private final String owner;
  private final int[][] members;

  private ClassMembers(String owner, int[][] members) {
    this.owner = owner;
    this.members = members;
  }

  /** Looks at every label. */
  static ClassMembers of(Dataset dataset) {
    int[] counts = dataset.classCounts();
    int[][] members = new int[counts.length][];
    for (int c = 0; c < counts.length; c++) {
      members[c] = new int[counts[c]];
    }
    int[] filled = new int[counts.length];
    for (int i = 0; i < dataset.size(); i++) {
      int label = dataset.label(i);
      members[label][filled[label]++] = i;
    }
    return new ClassMembers(dataset.name(), members);
  }

  int classes() {
    return members.length;
  }

  int size(int label) {
    return members[label].length;
  }

  /** A copy, to be shuffled. */
  int[] of(int label) {
    return members[label].clone();
  }

  int largest() {
    int most = 0;
    for (int[] ofClass : members) {
      most = Math.max(most, ofClass.length);
    }
    return most;
  }

  /** The size of the smallest class that has any sample. */
  int smallest() {
    int least = Integer.MAX_VALUE;
    for (int[] ofClass : members) {
      if (ofClass.length > 0) {
        least = Math.min(least, ofClass.length);
      }
    }
    return least;
  }

  /** How many classes have any sample. */
  int present() {
    int present = 0;
    for (int[] ofClass : members) {
      present += ofClass.length > 0 ? 1 : 0;
    }
    if (present == 0) {
      throw new GradusException(owner + " has no sample: there is nothing to balance.");
    }
    return present;
  }
}
