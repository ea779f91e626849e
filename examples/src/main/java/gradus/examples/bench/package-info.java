/** Whole training steps to measure speed with. */
package gradus.examples.bench;
