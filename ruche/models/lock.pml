/* The robust lock of os/robust_lock.hpp: a word with the holder's number, a mark of the kernel's (its holder died) and a mark
 * of those who sleep. Every process may die before each of its steps; what the kernel then does is `die`. Checked by spin
 * (models/check): one holder at a time, and nobody waits for ever.
 *
 * Sleepers look for themselves after a while: here, once after each death.
 *
 * NOT_ANNOUNCED, NO_WAKE, NO_MARK, KEEPS_NO_MARK and NO_LOOK each break it, to see that spin would notice.
 */
#ifndef PROCESSES
#define PROCESSES 3
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif

byte owner = 0;                  /* the word: 0, or the number of a process */
bool died = false;               /*           and its two marks */
bool sleepers = false;
bool asleep[PROCESSES + 1];
byte inside = 0;                 /* how many of the living think that they hold it */
byte deaths_left = DEATHS;

inline wake_one()
{
    byte w; w = 1;
    do
    :: w <= PROCESSES && asleep[w] -> asleep[w] = false; break
    :: w <= PROCESSES -> w++ /* any of them */
    :: w > PROCESSES ->
        w = 1; /* passed all by: the first one, if there is any */
        do :: w <= PROCESSES && !asleep[w] -> w++ :: else -> break od;
        if :: w <= PROCESSES -> asleep[w] = false :: else fi;
        break
    od
}
inline wake_all() { byte v; v = 1; do :: v <= PROCESSES -> asleep[v] = false; v++ :: else -> break od }

inline die(me)
{
    atomic {
        deaths_left--;
        asleep[me] = false;
        if :: holds -> inside-- :: else fi;
        if
        :: announced && owner == me -> owner = 0; died = true; if :: sleepers -> wake_one() :: else fi
        :: announced && owner == 0 -> wake_one()
        :: else
        fi;
#ifndef NO_LOOK
        wake_all();
#endif
    }
}

#define MAY_DIE :: deaths_left > 0 -> die(me); goto dead

proctype process(byte me)
{
    bool announced = false, holds = false, mark = false, saw_died, saw_sleepers;
    byte saw, round = 0;
again:
#ifndef NOT_ANNOUNCED
    if MAY_DIE :: announced = true fi;
#endif
    mark = false;
    do
    :: if MAY_DIE :: atomic { saw = owner; saw_died = died; saw_sleepers = sleepers } fi;
       if
       :: saw == 0 ->
           if
           MAY_DIE
           :: atomic {
                  true;
                  if
                  :: owner == 0 && died == saw_died && sleepers == saw_sleepers ->
                      owner = me; died = false;
#ifndef KEEPS_NO_MARK
                      sleepers = mark || saw_sleepers;
#else
                      sleepers = false;
#endif
                      holds = true; inside++; assert(inside == 1)
                  :: else
                  fi
              }
           fi;
           if :: holds -> break :: else fi
       :: else ->
           if
           MAY_DIE
           :: atomic {
                  true;
                  if
#ifndef NO_MARK
                  :: owner == saw && died == saw_died && sleepers == saw_sleepers -> sleepers = true
#endif
                  :: else
                  fi
              }
           fi;
           if
           MAY_DIE
#ifndef NO_MARK
           :: atomic { true; if :: owner == saw && sleepers -> asleep[me] = true :: else fi }
#else
           :: atomic { true; if :: owner == saw -> asleep[me] = true :: else fi }
#endif
           fi;
           if MAY_DIE :: !asleep[me] -> mark = true fi
       fi
    od;
    /* what it protects is used here */
    if MAY_DIE :: atomic { inside--; holds = false; saw_sleepers = sleepers; owner = 0; died = false; sleepers = false } fi;
#ifndef NO_WAKE
    if :: saw_sleepers -> if MAY_DIE :: atomic { wake_one() } fi :: else fi;
#endif
    if MAY_DIE :: announced = false fi;
    round++;
    if :: round < ROUNDS -> goto again :: else fi;
dead:
    skip
}

active proctype judge()
{
    byte i = 1;
    atomic { do :: i <= PROCESSES -> run process(i); i++ :: else -> break od };
    _nr_pr == 1; /* never, if somebody waits for ever: a deadlock to spin */
    assert(owner == 0)
}
