/** Networks to train, to copy and to change: one small class each. */
package gradus.examples.net;
