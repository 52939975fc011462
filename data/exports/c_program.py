"""The C program that a model is written out as, with places for its numbers and names."""

PROGRAM = r"""/* A trained neural network as one C file: C99, its standard library, and nothing else.

   cc -O2 -o predict THIS_FILE.c -lm && ./predict < new.csv > predicted.csv

   new.csv has a line of column names, commas between its cells and points in its numbers.
   In a program of your own: -DNO_MAIN, and
     int predict(const char *const cells[FEATURES], double outputs[OUTPUTS]);
   whose cells are in the order of FEATURE_NAMES; it returns the place of the class, or -1 where a cell
   is no number. NETWORK */

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEATURES @FEATURES@
#define OUTPUTS @OUTPUTS@
#define CLASSES @CLASSES@
#define ENCODED @ENCODED@
#define INPUTS @INPUTS@
#define LAYERS @LAYERS@
#define WIDEST @WIDEST@
#define MISSING_WORDS @MISSING_WORDS@
#define THRESHOLD @THRESHOLD@

const char *const FEATURE_NAMES[FEATURES] = {@FEATURE_NAMES@};
const char *const OUTPUT_NAMES[OUTPUTS] = {@OUTPUT_NAMES@};
/* Cells that count as missing, in small letters, unless they are a category. */
static const char *const MISSING[MISSING_WORDS] = {@MISSING@};

/* Of each feature: its categories (none for a number), the first of them in CATEGORIES, what takes the place
   of a missing cell (a category by its place), and whether a further input says that it was missing. */
static const int CATEGORY_COUNT[FEATURES] = {@CATEGORY_COUNT@};
static const int CATEGORY_START[FEATURES] = {@CATEGORY_START@};
static const char *const CATEGORIES[] = {@CATEGORIES@};
/* For each category its place among the inputs of its feature, -1 for those that share the last one. */
static const int LEVEL[] = {@LEVEL@};
/* Inputs made of each feature, and whether its rare categories share one. */
static const int WIDTH[FEATURES] = {@WIDTHS@};
static const double FILLING[FEATURES] = {@FILLING@};
static const int MARKED[FEATURES] = {@MARKED@};

/* The inputs that varied in training, and how each is brought to one size. */
static const int KEPT[INPUTS] = {@KEPT@};
static const double CENTRE[INPUTS] = {@CENTRE@};
static const double SPREAD[INPUTS] = {@SPREAD@};
@TARGET@
/* The layers' sizes; for each node of a layer its weights, and its bias last. */
static const int SIZES[LAYERS + 1] = {@SIZES@};
static const double WEIGHTS[] = {@WEIGHTS@};

static double activation(double sum) {
    return @ACTIVATION@;
}

static const char *after_blanks(const char *text) {
    while (isspace((unsigned char)*text)) text++;
    return text;
}

/* Whether they are the same but for blanks around the first and, if told so, its capitals. */
static int is_same(const char *cell, const char *word, int any_case) {
    cell = after_blanks(cell);
    for (; *word; word++, cell++)
        if (*word != (any_case ? tolower((unsigned char)*cell) : *cell)) return 0;
    return !*after_blanks(cell);
}

static int is_missing(const char *cell) {
    for (int k = 0; k < MISSING_WORDS; k++)
        if (is_same(cell, MISSING[k], 1)) return 1;
    return 0;
}

/* The place of a category, -1 for one that is not known. */
static int category(int feature, const char *cell) {
    for (int k = 0; k < CATEGORY_COUNT[feature]; k++)
        if (strcmp(cell, CATEGORIES[CATEGORY_START[feature] + k]) == 0) return k;
    return -1;
}

static int encode(const char *const cells[FEATURES], double encoded[ENCODED]) {
    int place = 0, mark = ENCODED;
    for (int k = 0; k < FEATURES; k++) mark -= MARKED[k];
    for (int k = 0; k < FEATURES; k++) {
        int missing = 1;
        if (CATEGORY_COUNT[k]) {
            int found = category(k, cells[k]);
            if (found < 0) found = category(k, after_blanks(cells[k]));
            missing = found < 0 && is_missing(cells[k]);
            if (missing) found = (int)FILLING[k];
            for (int w = 0; w < WIDTH[k]; w++) encoded[place + w] = 0.0;
            if (found >= 0) {
                int level = LEVEL[CATEGORY_START[k] + found];
                encoded[place + (level < 0 ? WIDTH[k] - 1 : level)] = 1.0;
            }
        } else if ((missing = is_missing(cells[k]))) {
            encoded[place] = FILLING[k];
        } else {
            char *end;
            encoded[place] = strtod(cells[k], &end);
            if (end == cells[k] || *after_blanks(end) || !isfinite(encoded[place])) return 0;
        }
        place += WIDTH[k];
        if (MARKED[k]) encoded[mark++] = missing;
    }
    return 1;
}

int predict(const char *const cells[FEATURES], double outputs[OUTPUTS]) {
    double encoded[ENCODED], values[WIDEST], sums[WIDEST];
    const double *weight = WEIGHTS;
    if (!encode(cells, encoded)) return -1;
    for (int k = 0; k < INPUTS; k++) {
        values[k] = (encoded[KEPT[k]] - CENTRE[k]) / SPREAD[k];
@CLIPPED@    }
    for (int layer = 0; layer < LAYERS; layer++) {
        for (int node = 0; node < SIZES[layer + 1]; node++) {
            sums[node] = 0.0;
            for (int k = 0; k < SIZES[layer]; k++) sums[node] += *weight++ * values[k];
            sums[node] += *weight++;
        }
        if (layer < LAYERS - 1)
            for (int node = 0; node < SIZES[layer + 1]; node++) values[node] = activation(sums[node]);
    }
@ANSWERS@}

#ifndef NO_MAIN

/* One cell of a CSV file into `cell`, which grows; the character that ended it, or EOF. */
static int read_cell(FILE *file, char **cell, size_t *room) {
    size_t length = 0;
    int quoted = 0, next = getc(file);
    if (next == '"') quoted = 1, next = getc(file);
    for (;; next = getc(file)) {
        if (quoted && next == '"') {
            next = getc(file);
            if (next != '"') quoted = 0;
        }
        if (next == '\r' && !quoted) continue;
        if (next == EOF || (!quoted && (next == ',' || next == '\n'))) break;
        if (length + 2 > *room) *cell = realloc(*cell, *room = 2 * *room + 64);
        (*cell)[length++] = (char)next;
    }
    if (length + 2 > *room) *cell = realloc(*cell, *room = 2 * *room + 64);
    (*cell)[length] = '\0';
    return next;
}

/* As CSV: in quotes where there is need. */
static void write_cell(const char *before, const char *cell) {
    if (!cell[strcspn(cell, ",\"\r\n")]) {
        printf("%s%s", before, cell);
        return;
    }
    printf("\"%s", before);
    for (; *cell; cell++) {
        if (*cell == '"') putchar('"');
        putchar(*cell);
    }
    putchar('"');
}

/* A row of cells into `cells`; how many there are, and at the end of the file 0. */
static int read_row(FILE *file, char ***cells, size_t **rooms, int *columns) {
    static int ended = '\n';
    int count = 0;
    if (ended == EOF) return 0;
    do {
        if (count == *columns) {
            *cells = realloc(*cells, (*columns + 1) * sizeof **cells);
            *rooms = realloc(*rooms, (*columns + 1) * sizeof **rooms);
            (*cells)[*columns] = NULL, (*rooms)[(*columns)++] = 0;
        }
        ended = read_cell(file, &(*cells)[count], &(*rooms)[count]);
        count++;
    } while (ended == ',');
    return ended == EOF && count == 1 && !(*cells)[0][0] ? 0 : count;
}

int main(void) {
    int place[FEATURES], room = 0, line = 1, found, columns;
    char **cells = NULL;
    size_t *rooms = NULL;
    /* The mark that some programs begin a file with. */
    if ((found = getc(stdin)) == 0xEF) getc(stdin), getc(stdin);
    else ungetc(found, stdin);
    columns = read_row(stdin, &cells, &rooms, &room);
    if (!columns) return fputs("There are no rows.\n", stderr), 1;
    for (int k = 0; k < FEATURES; k++) {
        place[k] = -1;
        for (int column = 0; column < columns; column++) {
            if (is_same(cells[column], FEATURE_NAMES[k], 0)) place[k] = column;
        }
        if (place[k] < 0) return fprintf(stderr, "There is no column %s.\n", FEATURE_NAMES[k]), 1;
    }
    for (int k = 0; k < columns; k++) write_cell("", cells[k]), putchar(',');
    if (CLASSES || OUTPUTS == 1) fputs("predicted", stdout);
    for (int k = 0; k < OUTPUTS && (CLASSES || OUTPUTS > 1); k++) {
        if (CLASSES || k) putchar(',');
        write_cell(CLASSES ? "probability_" : "predicted_", OUTPUT_NAMES[k]);
    }
    putchar('\n');
    while ((found = read_row(stdin, &cells, &rooms, &room))) {
        const char *own[FEATURES];
        double outputs[OUTPUTS];
        line++;
        if (found == 1 && columns > 1 && !cells[0][0]) continue;
        if (found != columns) {
            fprintf(stderr, "Row %d has %d cells, but there are %d columns.\n", line, found, columns);
            return 1;
        }
        for (int k = 0; k < FEATURES; k++) own[k] = cells[place[k]];
        int answer = predict(own, outputs);
        if (answer < 0) return fprintf(stderr, "Row %d holds a cell that is no number.\n", line), 1;
        for (int k = 0; k < columns; k++) write_cell("", cells[k]), putchar(',');
        if (CLASSES) write_cell("", OUTPUT_NAMES[answer]);
        for (int k = 0; k < OUTPUTS; k++) printf(CLASSES || k ? ",%.17g" : "%.17g", outputs[k]);
        putchar('\n');
    }
    return 0;
}

#endif
"""

CLIPPED = "        values[k] /= sqrt(1.0 + (values[k] / {bound}) * (values[k] / {bound}));\n"

TWO_CLASSES = """\
    outputs[1] = {second};
    outputs[0] = 1.0 - outputs[1];
    return outputs[1] >= THRESHOLD;
"""
MANY_CLASSES = """\
    double largest = sums[0], total = 0.0;
    int answer = 0;
    for (int k = 1; k < OUTPUTS; k++) largest = fmax(largest, sums[k]);
    for (int k = 0; k < OUTPUTS; k++) total += outputs[k] = exp(sums[k] - largest);
    for (int k = 0; k < OUTPUTS; k++) {
        outputs[k] /= total;
        if (outputs[k] > outputs[answer]) answer = k;
    }
    return answer;
"""
NUMBERS = """\
    for (int k = 0; k < OUTPUTS; k++) outputs[k] = {answer} * TARGET_FACTOR[k] + TARGET_OFFSET[k];
    return 0;
"""
