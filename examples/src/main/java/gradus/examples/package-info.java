/** Programs to start from, and the {@code gradus} command line. */
package gradus.examples;
