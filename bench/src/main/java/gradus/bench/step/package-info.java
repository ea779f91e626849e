/** Whole steps, of this framework and of others, each in a process of its own. */
package gradus.bench.step;
