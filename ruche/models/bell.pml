/* The doorbell of os/robust_lock.hpp, and who sleeps on it (waiter.hpp): a ring wakes as many as there is news for, so each
 * wake-up has to reach somebody who acts on it. The news is a number of items. Every process may die before each of its
 * steps. Checked by spin (models/check): while there is an item, no consumer sleeps for ever.
 *
 * The commit of a producer is seen at once here, as after an exchange. With LIGHT it stays in the producer's store buffer
 * until that is emptied, at some later moment or by a sleeper's `fence_everywhere`: so it is in a channel.
 *
 * NO_SECOND_LOOK, WAKES_TOO_FEW, NO_DEATH_BELL and NO_FENCE (with LIGHT) each break it.
 */
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef CONSUMERS
#define CONSUMERS 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

short there = 0;                /* items that can be seen */
byte buffered[PRODUCERS];       /* items that only their producer sees yet */
bool armed = false;
bool asleep[CONSUMERS];
byte deaths_left = DEATHS, producers_left = PRODUCERS, consumers_left = CONSUMERS;
bool closed = false;
byte woken;

inline wake_one()
{
    byte w; w = 0; woken = 0;
    do
    :: w < CONSUMERS && asleep[w] -> asleep[w] = false; woken = 1; break
    :: w < CONSUMERS -> w++
    :: w >= CONSUMERS ->
        w = 0;
        do :: w < CONSUMERS && !asleep[w] -> w++ :: else -> break od;
        if :: w < CONSUMERS -> asleep[w] = false; woken = 1 :: else fi;
        break
    od
}
inline wake_all() { byte v; v = 0; do :: v < CONSUMERS -> asleep[v] = false; v++ :: else -> break od }
inline empty_buffers()
{
    byte u; u = 0;
    do :: u < PRODUCERS -> there = there + buffered[u]; buffered[u] = 0; u++ :: else -> break od
}

inline die()
{
    atomic {
        deaths_left--;
        empty_buffers(); /* who is killed was in the kernel */
        if :: announced -> wake_one() :: else fi;
#ifndef NO_DEATH_BELL
        wake_all()
#endif
    }
}

#ifdef NO_DEATH_BELL
#define DEATHS_SEEN true
#else
#define DEATHS_SEEN (deaths_left == seen)
#endif
#define MAY_DIE :: deaths_left > 0 -> die(); goto dead

inline ring()
{
    if
    :: armed ->
        if MAY_DIE :: announced = true fi;
        if MAY_DIE :: atomic { wake_one(); found = woken } fi;
        if
        :: found == 0 ->
#ifndef WAKES_TOO_FEW
            if MAY_DIE :: armed = false fi;
            if MAY_DIE :: atomic { wake_all() } fi
#else
            skip
#endif
        :: else
        fi;
        if MAY_DIE :: announced = false fi
    :: else
    fi
}

proctype producer(byte id)
{
    bool announced = false;
    byte found;
#ifdef LIGHT
    if MAY_DIE :: buffered[id] = 1 fi;
#else
    if MAY_DIE :: there++ fi;
#endif
    ring();
dead:
    atomic { empty_buffers(); producers_left-- }
}

proctype consumer(byte id)
{
    bool announced = false, has_armed = false;
    byte found, seen;
again:
    if MAY_DIE
    :: atomic { true; if :: there > 0 -> there--; found = 1 :: else -> found = 0 fi }
    fi;
    if
    :: found == 1 ->
        if :: has_armed && there > 0 -> ring() :: else fi;
        has_armed = false; announced = false;
        goto again
    :: closed && there == 0 -> goto dead
    :: else
    fi;
    if MAY_DIE :: seen = deaths_left fi;
    if MAY_DIE :: announced = true fi;
    if MAY_DIE :: atomic { armed = true; has_armed = true } fi;
#ifdef LIGHT
#ifndef NO_FENCE
    if MAY_DIE :: atomic { empty_buffers() } fi;
#endif
#endif
#ifndef NO_SECOND_LOOK
    if :: there > 0 || closed -> goto again :: else fi;
#endif
    atomic { if :: armed && DEATHS_SEEN && !closed -> asleep[id] = true :: else -> goto again fi };
    if MAY_DIE :: !asleep[id] -> goto again fi;
dead:
    atomic { asleep[id] = false; consumers_left-- }
}

/* Store buffers empty themselves, at some moment or other. */
proctype time() { do :: producers_left > 0 -> atomic { empty_buffers() } :: else -> break od }

proctype closer()
{
    atomic { producers_left == 0 && (there == 0 || consumers_left == 0) -> closed = true; armed = false; wake_all() }
}

active proctype judge()
{
    byte i = 0;
    atomic {
        do :: i < PRODUCERS -> run producer(i); i++ :: else -> break od;
        i = 0;
        do :: i < CONSUMERS -> run consumer(i); i++ :: else -> break od;
#ifdef LIGHT
        run time();
#endif
        run closer()
    };
    _nr_pr == 1;
    assert(there == 0 || consumers_left == 0)
}
